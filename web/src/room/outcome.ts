/** What a step brings beside the state: pkg/room/outcome.go. */
import type { Directive, Left } from "../protocol/messages.gen";
import type { Figures } from "./elect";

/** Why an input was refused, and changed nothing. */
export type Refused =
  | "clock"
  | "unknown-event"
  | "malformed"
  | "ended"
  | "outside"
  | "not-self"
  | "self"
  | "stranger"
  | "known"
  | "removed"
  | "full"
  | "not-wanted"
  | "stale"
  | "term-jump"
  | "helper"
  | "candidate"
  | "not-chair"
  | "overloaded";

/** Why a directive waits for the roster, or made self say its own again. */
export type Held = "not-chair-yet" | "sfu-not-yet" | "contested";

/** Something a person or a log may want to know. */
export type Notice =
  | { readonly type: "entered"; readonly id: string }
  | { readonly type: "gone"; readonly id: string; readonly why: Left["why"] }
  /** The rendezvous lost somebody who is still heard from. */
  | { readonly type: "doubted"; readonly id: string }
  | { readonly type: "confirmed"; readonly id: string }
  /** Somebody came back with a new session. */
  | { readonly type: "restarted"; readonly id: string }
  /** Another has the chair; "" is nobody. */
  | { readonly type: "chair-moved"; readonly from: string; readonly to: string }
  | { readonly type: "followed"; readonly by: string; readonly directive: Directive }
  | { readonly type: "switched"; readonly sfu: string; readonly taken_over: boolean };

/** Something the session is to do. */
export type Action =
  /** Sign this and send it to everybody; it is in force here already. */
  | { readonly type: "say"; readonly directive: Directive; readonly figures: Figures }
  /** Send the envelope of the directive in force to somebody; to everybody when `to` is "". */
  | { readonly type: "show"; readonly to: string }
  /** Have helpers called into the room: nobody here can be the SFU, or its standby. */
  | { readonly type: "call-helper" };

export interface Outcome {
  readonly refused?: Refused;
  readonly held?: Held;
  readonly notices: readonly Notice[];
  readonly actions: readonly Action[];
}
