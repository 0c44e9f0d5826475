/** What can happen to a room, each event with its meaning in pkg/room/input.go. */
import type { Capacity, Directive, Left, Participant } from "../protocol/messages.gen";
import type { Topology } from "./elect";
import type { Ref } from "./link";

/** What of the meeting's policy the room looks at; a meeting's whole policy will do. */
export interface RoomPolicy {
  readonly mesh_max: number;
}

export type Event =
  | {
      readonly type: "welcome";
      readonly self: Participant;
      /** Self included. */
      readonly roster: readonly Participant[];
      readonly policy: RoomPolicy;
      readonly resumed?: boolean;
      readonly waiting?: boolean;
    }
  | { readonly type: "joined"; readonly participant: Participant }
  | { readonly type: "left"; readonly id: string; readonly why: Left["why"] }
  | { readonly type: "updated"; readonly participant: Participant }
  | { readonly type: "policy"; readonly policy: RoomPolicy }
  /** A directive from an envelope that `from` signed. */
  | { readonly type: "said"; readonly from: string; readonly directive: Directive }
  /** What `from` can lend, from an envelope that it signed. */
  | { readonly type: "advert"; readonly from: string; readonly capacity: Capacity }
  | { readonly type: "link-up"; readonly link: Ref }
  /**
   * What this side asked for flows, or there is nothing to flow and the peer has
   * said so. To be told anew when the link's line in the plan is quiet no longer.
   */
  | { readonly type: "link-carrying"; readonly link: Ref }
  | { readonly type: "link-down"; readonly link: Ref }
  /** Whether the peer asks for anything: false when its view is empty. */
  | { readonly type: "link-asked"; readonly link: Ref; readonly asked: boolean }
  | { readonly type: "link-measured"; readonly link: Ref; readonly millis: number }
  /** Whom the SFU `via` has a carrying link with. */
  | { readonly type: "heard"; readonly via: string; readonly peers: readonly string[] }
  | { readonly type: "clock" }
  /** The acting host's own choice; without a topology the election has it again. */
  | {
      readonly type: "choose";
      readonly topology?: Topology;
      readonly sfu?: string;
      readonly standby?: string;
    }
  | { readonly type: "ended" };

export interface Input {
  /** Whole milliseconds from 1, of a clock that does not run backwards. */
  readonly at: number;
  readonly event: Event;
}
