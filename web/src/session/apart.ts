/**
 * Who is kept apart from this client: to whom the plan wants a link that comes
 * up by no way, for as long as people would wait. Owns when that counts; whom
 * to tell is the caller's business. Pure but for its own memory; times are
 * milliseconds of a clock that never runs backwards.
 */
import { resumeWithin, silentFor } from "../protocol/messages.gen";
import type { PlannedLink } from "../room/link";

/** A link of the plan, as far as it matters here. */
export type Line = Pick<PlannedLink, "peer" | "session" | "waits" | "draining"> & {
  readonly up: boolean;
};

/** How long no way is found before that is told. */
export const foundWithinMillis = 20_000;
/**
 * Who was reached may have gone without a word (a closed lid, a crash): by then
 * an honest rendezvous has said so, and nobody is accused.
 */
export const goneWithinMillis = foundWithinMillis + (silentFor + resumeWithin) * 1_000;

interface Wait {
  readonly id: string;
  /** Since when there is no way; undefined while there is one, or nothing can be said of it. */
  readonly since: number | undefined;
  readonly reached: boolean;
}

export class Apart {
  #waits: ReadonlyMap<string, Wait> = new Map();

  /**
   * Looks at the plan's links with who is in the roster. While this client's own
   * rendezvous is away (not `online`) nobody is accused, and all counts anew after.
   */
  look(now: number, online: boolean, plan: readonly Line[]): void {
    const up = new Set(plan.filter((line) => line.up).map(nameOf));
    const wanted = plan.filter(({ waits, draining }) => !waits && !draining);
    this.#waits = new Map(
      wanted.map((line) => {
        const name = nameOf(line);
        const before = this.#waits.get(name);
        const isUp = up.has(name);
        const since = isUp || !online ? undefined : (before?.since ?? now);
        return [name, { id: line.peer, since, reached: isUp || before?.reached === true }];
      }),
    );
  }

  /** To whom no way is found. */
  unreachable(now: number): ReadonlySet<string> {
    const waits = [...this.#waits.values()];
    return new Set(waits.filter((wait) => endOf(wait) <= now).map(({ id }) => id));
  }

  /** When that changes if nothing else does; Infinity for never. */
  deadline(now: number): number {
    return Math.min(...[...this.#waits.values()].map(endOf).filter((end) => end > now));
  }
}

const nameOf = ({ peer, session }: Line): string => `${peer}/${session}`;

function endOf({ since = Number.POSITIVE_INFINITY, reached }: Wait): number {
  return since + (reached ? goneWithinMillis : foundWithinMillis);
}
