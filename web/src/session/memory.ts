/** What this client keeps of one meeting from one stay to the next. */
import type { Entry } from "../e2ee/doorkeeper";

/** An invitation that the host made new. */
export interface Former {
  readonly secret: string;
  /** Who was inside by it then: they are invited, whatever proof they have. To others its proof is worth nothing. */
  readonly members: readonly string[];
}

/** The bounds of what is kept of former invitations. */
export const maxFormer = 4;
export const maxMembers = 200;

/** With one more, the newest first. */
export function retired(all: readonly Former[], { secret, members }: Former): readonly Former[] {
  return [{ secret, members: members.slice(0, maxMembers) }, ...all].slice(0, maxFormer);
}

/** Without somebody who was sent away: by none of them are they invited any more. */
export function struck(all: readonly Former[], id: string): readonly Former[] {
  return all.map(({ secret, members }) => ({
    secret,
    members: members.filter((each) => each !== id),
  }));
}

export interface Memory {
  /**
   * Who may come in. Of the host: by its own hand. Of anybody else: by the host's
   * signed word, or the strictest that was said. Undefined while nothing was.
   */
  readonly entry: Entry | undefined;
  keepEntry(entry: Entry): void;
  /** What the host gave in the place of the invitation's secret. */
  keepMembership(membership: string): void;
  /** Somebody was sent away: no former invitation is theirs any more. */
  strike(id: string): void;
}
