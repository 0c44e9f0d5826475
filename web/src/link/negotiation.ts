/**
 * When a link offers, answers, restarts its ICE or is beyond repair: a pure
 * state machine. The offerer alone offers, with a generation that rises with
 * each ICE restart; the other end asks for one. `link.ts` does what it says.
 */

export type Side = "offerer" | "answerer";

export interface Negotiation {
  readonly side: Side;
  /** Of the last offer made or taken; −1 before the first. */
  readonly generation: number;
  /** An offer of ours without its answer. */
  readonly pending: boolean;
  /** ICE has been connected in this or an earlier generation. */
  readonly connected: boolean;
  /** When the last offer was made, milliseconds. */
  readonly offeredAt: number;
  /** Took an offer while broken, and has not been connected since. */
  readonly mending: boolean;
  /** When ICE was found broken; undefined while it works or is being made. */
  readonly brokenAt: number | undefined;
  /** Restarts made or asked for since it broke. */
  readonly attempts: number;
  /** When to look again, milliseconds; undefined for never. */
  readonly deadline: number | undefined;
}

export type Ice =
  | "new"
  | "checking"
  | "connected"
  | "completed"
  | "disconnected"
  | "failed"
  | "closed";

export type Input =
  | { readonly type: "open" }
  | { readonly type: "offer"; readonly generation: number }
  | { readonly type: "answer"; readonly generation: number }
  | { readonly type: "candidates"; readonly generation: number }
  /** The other end asks for a restart. */
  | { readonly type: "restart" }
  | { readonly type: "ice"; readonly state: Ice }
  /** This machine's network changed. */
  | { readonly type: "doubt" }
  | { readonly type: "tick" };

export type Action =
  | { readonly do: "offer"; readonly generation: number }
  | { readonly do: "answer" }
  | { readonly do: "take" } // the answer, or the candidates, that came in
  | { readonly do: "ask" }
  | { readonly do: "remake" };

export type Step = readonly [Negotiation, readonly Action[]];

/** How long ICE may be "disconnected" before it is restarted: a short dropout heals by itself. */
export const graceMillis = 2_000;
/** From one restart to the next, doubling. */
export const retryMillis = 3_000;
/** After so many restarts in vain a link is made anew. */
export const maxAttempts = 4;
/** How long the first connection may take before it counts as broken. */
export const openMillis = 15_000;

export function begin(side: Side, now: number): Negotiation {
  return {
    side,
    generation: -1,
    pending: false,
    connected: false,
    offeredAt: now,
    mending: false,
    brokenAt: undefined,
    attempts: 0,
    deadline: now + openMillis,
  };
}

export function step(n: Negotiation, input: Input, now: number): Step {
  switch (input.type) {
    case "open":
      return n.generation < 0 ? offer(n) : still(n);
    case "offer":
      // A repeated or late offer of an earlier generation says nothing new.
      return n.side === "answerer" && input.generation > n.generation
        ? [{ ...n, generation: input.generation, mending: !isWell(n) }, [{ do: "answer" }]]
        : still(n);
    case "answer":
      return isAwaited(n, input.generation) ? [{ ...n, pending: false }, take] : still(n);
    case "candidates":
      return !n.pending && input.generation === n.generation ? [n, take] : still(n);
    case "restart":
      return n.side === "offerer" ? asked(n, now) : still(n);
    case "ice":
      return ice(n, input.state, now);
    case "doubt":
      return isWell(n) ? repair(broken(n, now), now) : still(n);
    case "tick":
      return isDue(n, now) ? repair(broken(n, now), now) : still(n);
  }
}

const take: readonly Action[] = [{ do: "take" }];
const still = (n: Negotiation): Step => [n, []];
const isAwaited = (n: Negotiation, generation: number) => n.pending && generation === n.generation;
const isWell = (n: Negotiation) => n.connected && n.brokenAt === undefined;
const isDue = (n: Negotiation, now: number) => n.deadline !== undefined && now >= n.deadline;

/**
 * The other end asks for a restart. Both ends notice a broken path at the same
 * time: a request that comes soon after an offer is about what that offer mends.
 * Only if this end has been connected since, the path may have changed again,
 * which is mended once the offer has had its time.
 */
function asked(n: Negotiation, now: number): Step {
  const until = n.offeredAt + retryMillis;
  return !n.pending && now >= until
    ? repair(broken(n, now), now)
    : [{ ...n, deadline: n.deadline ?? until }, []];
}

function ice(n: Negotiation, state: Ice, now: number): Step {
  switch (state) {
    case "connected":
    case "completed":
      return [{ ...n, ...well }, []];
    case "disconnected":
      return n.brokenAt === undefined
        ? [{ ...broken(n, now), deadline: Math.min(n.deadline ?? Infinity, now + graceMillis) }, []]
        : [n, []];
    case "failed":
      return n.attempts === 0 ? repair(broken(n, now), now) : [n, []];
    default:
      return [n, []];
  }
}

const well = {
  connected: true,
  mending: false,
  brokenAt: undefined,
  attempts: 0,
  deadline: undefined,
} as const;

const broken = (n: Negotiation, now: number): Negotiation => ({
  ...n,
  brokenAt: n.brokenAt ?? now,
});

/** One restart, or the end of trying. */
function repair(n: Negotiation, now: number): Step {
  if (n.attempts >= maxAttempts) {
    // The answerer waits for the offerer to see the same and make a new link.
    return n.side === "offerer"
      ? [{ ...n, deadline: undefined }, [{ do: "remake" }]]
      : [{ ...n, deadline: now + retryMillis * 2 ** maxAttempts }, [{ do: "ask" }]];
  }
  const tried = {
    ...n,
    attempts: n.attempts + 1,
    deadline: now + retryMillis * 2 ** n.attempts,
  };
  if (n.side === "offerer") {
    return offer({ ...tried, offeredAt: now });
  }
  // What it would ask for may be here already, and then has its time.
  return n.mending ? [{ ...tried, mending: false }, []] : [tried, [{ do: "ask" }]];
}

/** The offerer's alone to do. */
function offer(n: Negotiation): Step {
  if (n.side !== "offerer") {
    return still(n);
  }
  const generation = n.generation + 1;
  return [{ ...n, generation, pending: true }, [{ do: "offer", generation }]];
}
