/**
 * Who is kept apart from this client: to whom the plan wants a link that comes
 * up by no way, for as long as people would wait. Owns when that counts; whom
 * to tell is the caller's business. Pure but for its own memory; times are
 * milliseconds of a clock that never runs backwards.
 */
import { maxRoster, resumeWithin, silentFor } from "../protocol/messages.gen";
import type { PlannedLink } from "../room/link";
import type { Party } from "./gate";

/** A link of the plan, as far as it matters here. */
export type Line = Pick<PlannedLink, "peer" | "session" | "waits" | "draining"> & {
  readonly up: boolean;
  /** The key of their session, which stays when that gets another number; "" where it is not known. */
  readonly key: string;
  /** Their session came after one's own: it lived when this client was here. */
  readonly later: boolean;
};

/** How long no way is found to who is known to live, before that is told. */
export const foundWithinMillis = 20_000;
/**
 * The same for who may have died without a word (a closed lid, a crash): by then
 * an honest rendezvous has said so, and nobody is accused.
 */
export const goneWithinMillis = foundWithinMillis + (silentFor + resumeWithin) * 1_000;
/** Past them who was reached longest ago is forgotten. */
const maxReached = 4 * maxRoster;

interface Wait {
  readonly id: string;
  readonly key: string;
  /** Since when there is no way; undefined while there is one, or nothing can be said of it. */
  readonly since: number | undefined;
  /** Its first sign of life since the link is wanted: it came after this client, or something of its own was opened. */
  readonly livedAt: number | undefined;
  /** There was a way. */
  readonly reached: boolean;
}

export class Apart {
  #waits: ReadonlyMap<string, Wait> = new Map();
  /** In this stay. */
  readonly #reached = new Set<string>();

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
        const { peer: id, key, later } = line;
        const before = this.#waits.get(name) ?? this.#renumbered(line);
        const isUp = up.has(name);
        isUp && this.#reach(name);
        const since = isUp || !online ? undefined : (before?.since ?? now);
        const livedAt = before?.livedAt ?? (later ? now : undefined);
        const reached = this.#reached.has(name) || before?.reached === true;
        return [name, { id, key, since, livedAt, reached }];
      }),
    );
  }

  /** Something was opened that a session sealed: it lives. Whether that is news. */
  heard(now: number, { id, session }: Party): boolean {
    const name = nameOf({ peer: id, session });
    const wait = this.#waits.get(name);
    if (wait === undefined || wait.livedAt !== undefined) {
      return false;
    }
    this.#waits = new Map(this.#waits).set(name, { ...wait, livedAt: now });
    return true;
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

  /**
   * The wait for the same session by another number goes on: numbers are the
   * rendezvous' to give. A sign of life was one of that number.
   */
  #renumbered({ peer, key }: Line): Wait | undefined {
    const wait = [...this.#waits.values()].find((each) => each.id === peer && each.key === key);
    return key === "" ? undefined : wait && { ...wait, livedAt: undefined };
  }

  #reach(name: string): void {
    this.#reached.delete(name);
    this.#reached.add(name);
    const [oldest = ""] = this.#reached.size > maxReached ? this.#reached : [];
    this.#reached.delete(oldest);
  }
}

const nameOf = ({ peer, session }: Pick<Line, "peer" | "session">): string => `${peer}/${session}`;

/** Who comes back to life after long is given the time that everybody has. */
function endOf({ since, livedAt, reached }: Wait): number {
  if (since === undefined) {
    return Number.POSITIVE_INFINITY;
  }
  const gone = since + goneWithinMillis;
  return reached || livedAt === undefined
    ? gone
    : Math.min(gone, Math.max(since, livedAt) + foundWithinMillis);
}
