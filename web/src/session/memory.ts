/** What this client keeps of one meeting from one stay to the next. */
import type { Entry } from "../e2ee/doorkeeper";

export interface Memory {
  /**
   * Who may come in. Of the host: by its own hand. Of anybody else: by the host's
   * signed word, or the strictest that was said. Undefined while nothing was.
   */
  readonly entry: Entry | undefined;
  keepEntry(entry: Entry): void;
  /** What the host gave in the place of the invitation's secret. */
  keepMembership(membership: string): void;
}
