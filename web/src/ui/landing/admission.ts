/**
 * The ways into rooms that this page has opened: kept from one page to the
 * next and for coming back, in memory only.
 */
import type { MeetingView, Result } from "../../session/model";

export interface Admission {
  readonly meeting: MeetingView;
  /** Gets another ticket in the same way, when the first has run out or was used. */
  readonly again: () => Promise<Result<MeetingView>>;
  /** `performance.now()` of an unused ticket; undefined where there is none. */
  readonly ticketAt: number | undefined;
}

/** A ticket lives for two minutes; this leaves time to use it. */
const ticketLife = 90_000;

/** Rooms remembered at once. */
const limit = 20;

export class Admissions {
  readonly #held = new Map<string, Admission>();

  keep(admission: Admission): void {
    const { meetingId } = admission.meeting;
    this.#held.delete(meetingId);
    this.#held.set(meetingId, admission);
    const [oldest] = this.#held.keys();
    if (this.#held.size > limit && oldest !== undefined) {
      this.#held.delete(oldest);
    }
  }

  of(meetingId: string): Admission | undefined {
    return this.#held.get(meetingId);
  }
}

export function hasTicket({ ticketAt }: Admission, now: number): boolean {
  return ticketAt !== undefined && now - ticketAt < ticketLife;
}
