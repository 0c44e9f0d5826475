/** The links of a plan, and what is known of each: pkg/room/link.go and plan.go. */

/** What a link was offered with, as this end sees it; never changes while it lives. */
export type Shape = "mesh" | "sfu" | "serve";

/** What a link is for now. */
export type Purpose = "mesh" | "sfu" | "standby" | "serve";

/** Names a link: at most one of each shape with each session of a peer. */
export interface Ref {
  readonly peer: string;
  /** The peer's session number. */
  readonly session: number;
  readonly shape: Shape;
}

export interface ReceiveSlots {
  readonly audio: number;
  readonly video: number;
}

/** The receive slots of a link to an SFU or a standby beyond the four of every link. */
export const starSlots: ReceiveSlots = { audio: 4, video: 16 };
const noSlots: ReceiveSlots = { audio: 0, video: 0 };

/** One line of a plan. */
export interface PlannedLink extends Ref {
  readonly purpose: Purpose;
  /** This end offers: the one that is served; in a mesh the one with the higher session number. */
  readonly offer: boolean;
  /** Not to be offered yet: self is new here and about to be told what is in force. */
  readonly waits: boolean;
  /** Receive slots beyond those of a mesh, at the end that is served. */
  readonly extra: ReceiveSlots;
  /** Wanted no longer; kept until its replacement carries. */
  readonly draining: boolean;
  /** Ask for nothing on it: tell the peer an empty view. */
  readonly quiet: boolean;
}

/** What is known of one link in the plan. */
export interface KnownLink {
  readonly session: number;
  readonly shape: Shape;
  readonly purpose: Purpose;
  readonly up: boolean;
  readonly ever: boolean;
  readonly carrying: boolean;
  readonly asked: boolean;
  readonly quiet: boolean;
  readonly since: number;
  readonly drain: number;
  readonly ease: number;
  readonly rtt: number;
}

export function extraSlots(shape: Shape): ReceiveSlots {
  return shape === "mesh" ? noSlots : starSlots;
}

export function carries(link: KnownLink | undefined): boolean {
  return link?.up === true && link.carrying;
}
