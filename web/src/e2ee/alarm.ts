/**
 * Alarms: what an attack on the room looks like from here, each told once. Owns
 * what counts as worth telling; the sentences for people are the page's.
 */

/**
 * unsigned: no card, or one that its identity did not sign. stale: an older card
 * than one seen before. uninvited: no proof, where entry is by invitation.
 * other-host: somebody else is named this meeting's host. unproved-role: host or
 * co-host without a proof. altered: a box of theirs did not open or was not
 * theirs. replayed: it was here before. forged: an envelope or epoch that its
 * author did not sign. unreachable: no way to them is found, for longer than
 * networks need. relaxed: the rendezvous says that entry is open, which the
 * meeting's host, whose client tells it, did not allow.
 */
export type AlarmCode =
  | "unsigned"
  | "stale"
  | "uninvited"
  | "other-host"
  | "unproved-role"
  | "altered"
  | "replayed"
  | "forged"
  | "unreachable"
  | "relaxed";

export interface Alarm {
  readonly code: AlarmCode;
  /** Whose entry, box or envelope it seemed to be, or to whom there is no way. */
  readonly id: string;
  /** "" when no name was with it. */
  readonly name: string;
}

/** How many of them in how long are no accident: a reload may spoil one box on its way. */
const often = 3;
const withinMillis = 60_000;
/** Who injects names without end is told of this often. */
const maxKept = 2048;

const mayBeAccident: ReadonlySet<AlarmCode> = new Set(["altered", "replayed", "forged"]);

export class Alarms {
  readonly #told = new Set<string>();
  readonly #times = new Map<string, readonly number[]>();

  /**
   * Whether to tell it now. `now` is milliseconds since 1970; `first` marks the
   * first box ever of a session, which no accident spoils.
   */
  raise(now: number, { code, id }: Alarm, first = false): boolean {
    const cause = `${code} ${id}`;
    if (this.#told.has(cause) || (mayBeAccident.has(code) && !first && !this.#often(cause, now))) {
      return false;
    }
    this.#times.delete(cause);
    if (this.#told.size < maxKept) {
      this.#told.add(cause);
      return true;
    }
    return false;
  }

  #often(cause: string, now: number): boolean {
    const times = [...(this.#times.get(cause) ?? []), now].filter((at) => now - at < withinMillis);
    this.#times.delete(cause);
    this.#times.set(cause, times);
    if (this.#times.size > maxKept) {
      const [oldest = ""] = this.#times.keys();
      this.#times.delete(oldest);
    }
    return times.length >= often;
  }
}
