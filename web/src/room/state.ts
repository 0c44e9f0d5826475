/** Everything that one participant knows of its room, as an immutable value: pkg/room/state.go. */
import type { Capacity, Directive, Participant } from "../protocol/messages.gen";
import type { Choice, Topology } from "./elect";
import type { KnownLink, PlannedLink, Shape } from "./link";
import { heardFor } from "./times";

/** One participant; `doubted` is since when it is unconfirmed, 0 when it is in the roster. */
export interface Member {
  readonly is: Participant;
  readonly doubted: number;
  readonly missing: boolean;
  readonly capacity: Capacity;
  readonly advertAt: number;
  readonly rtt: number;
  readonly lostAt: number;
  /** How often in a row it was found lost without ever having been up. */
  readonly unmet: number;
  /** When it was last found overloaded as SFU, 0 for never, and how often it was. */
  readonly overAt: number;
  readonly overs: number;
  readonly links: readonly KnownLink[];
}

/** A directive, who said it ("" before the first) and when it came. */
export interface Force {
  readonly by: string;
  readonly directive: Directive | undefined;
  readonly at: number;
}

/** What the directive in force comes to with those who are here. */
export interface Arrangement {
  readonly topology: Topology;
  readonly sfu: string;
  readonly standby: string;
}

/** The last word of one SFU on whom it has; `peers` are sorted. */
export interface HeardOf {
  readonly via: string;
  readonly at: number;
  readonly peers: readonly string[];
}

/** Self's time in the chair; `term` is 0 before its first directive. */
export interface Tenure {
  readonly term: number;
  readonly seq: number;
  readonly repeatAt: number;
  readonly repeats: number;
}

/** What the election would change, and since when; `since` is 0 for nothing. */
export interface Wish {
  readonly choice: Choice | undefined;
  readonly since: number;
}

/** How the acting host calls for helpers: since when it needs them, when it may again, and how often it did. */
export interface Call {
  readonly since: number;
  readonly at: number;
  readonly count: number;
}

export interface State {
  readonly phase: "outside" | "waiting" | "inside" | "ended";
  readonly now: number;
  readonly self: string;
  readonly session: number;
  readonly meshMax: number;
  readonly enteredAt: number;
  /** Entered a room too large for a mesh, and may still be told what is in force. */
  readonly untold: boolean;
  /** Sorted by ID, self included. */
  readonly members: readonly Member[];
  readonly removed: readonly { readonly id: string; readonly n: number }[];
  readonly heard: readonly HeardOf[];
  /** Who has the chair; "" when nobody can. */
  readonly chair: string;
  readonly tenure: Tenure;
  readonly force: Force;
  readonly top: number;
  readonly held: readonly Force[];
  readonly wish: Wish;
  readonly arranged: Arrangement;
  readonly sfuAt: number;
  /** Since when the SFU's receivers miss too much; 0 when they do not. */
  readonly lossSince: number;
  readonly call: Call;
  readonly takenOver: boolean;
  /** When to show again what is in force; 0 while nothing is. */
  readonly showAt: number;
  /** How often it was time to. */
  readonly shows: number;
  readonly drains: number;
  readonly plan: readonly PlannedLink[];
}

export const noCapacity: Capacity = {
  uplink_kbps: 0,
  downlink_kbps: 0,
  cores_milli: 0,
  reachable: false,
  willing: false,
};
export const noForce: Force = { by: "", directive: undefined, at: 0 };
export const noTenure: Tenure = { term: 0, seq: 0, repeatAt: 0, repeats: 0 };
export const noCall: Call = { since: 0, at: 0, count: 0 };
export const noWish: Wish = { choice: undefined, since: 0 };

/** The state of a participant that has not been welcomed yet. */
export function create(self: string): State {
  return {
    phase: "outside",
    now: 0,
    self,
    session: 0,
    meshMax: 4,
    enteredAt: 0,
    untold: false,
    members: [],
    removed: [],
    heard: [],
    chair: "",
    tenure: noTenure,
    force: noForce,
    top: 0,
    held: [],
    wish: noWish,
    arranged: { topology: "mesh", sfu: "", standby: "" },
    sfuAt: 0,
    lossSince: 0,
    call: noCall,
    takenOver: false,
    showAt: 0,
    shows: 0,
    drains: 0,
    plan: [],
  };
}

/** One participant of the room as this one knows it. */
export interface Known {
  readonly participant: Participant;
  /** In the rendezvous' roster. */
  readonly confirmed: boolean;
}

/** Everybody in the room, self included, in order of join number. */
export function people(state: State): readonly Known[] {
  return state.members
    .map((m) => ({ participant: m.is, confirmed: m.doubted === 0 }))
    .sort((a, b) => a.participant.n - b.participant.n || order(a.participant.id, b.participant.id));
}

export function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The place of `id` among what is sorted by `key`, or where it would be. */
export function place<T>(sorted: readonly T[], id: string, key: (item: T) => string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = sorted[middle];
    if (item !== undefined && key(item) < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

export function indexOf(state: State, id: string): number {
  const at = place(state.members, id, (m) => m.is.id);
  return state.members[at]?.is.id === id ? at : -1;
}

export function memberOf(state: State, id: string): Member | undefined {
  return state.members[indexOf(state, id)];
}

/** The link of a shape with the peer's present session. */
export function current(m: Member | undefined, shape: Shape): KnownLink | undefined {
  return m?.links.find((l) => l.session === m.is.session && l.shape === shape);
}

/** The SFU that self has everybody from; "" in a mesh. */
export function router(state: State): string {
  return state.takenOver ? state.arranged.standby : state.arranged.sfu;
}

/** When an SFU (or the one called `via`) last said that it has somebody. */
export function lastHeard(state: State, id: string, via: string): number {
  let last = -heardFor;
  for (const h of state.heard) {
    const known = via === "" || h.via === via;
    if (known && h.at > last && h.peers[place(h.peers, id, (p) => p)] === id) {
      last = h.at;
    }
  }
  return last;
}
