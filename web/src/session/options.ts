/** What a stay in a room is begun with. */
import type { Transforms } from "../link/transforms";
import type { Wire } from "../link/wire";
import type { LocalDevices } from "../media/devices";
import type { Identity } from "./identity";
import type { Memory } from "./memory";
import type { MeetingView, Trouble } from "./model";
import type { Own } from "./own";

export interface SessionOptions {
  readonly identity: Identity;
  readonly meeting: MeetingView;
  readonly devices: LocalDevices;
  readonly name: string;
  readonly signalingUrl: string;
  readonly ticket: string;
  /** One's own key and card, and the worker that seals media with them: for this stay alone. */
  readonly own: Own;
  readonly transforms: Transforms;
  /** An end of a link that goes through these, for whom it is offered to first. */
  readonly wire: Wire | undefined;
  /** What is known of the meeting from earlier stays, and kept for the next. */
  readonly memory: Memory;
  /** A socket to there that is being opened already. */
  readonly warm: WebSocket | undefined;
  /** The way back in, whenever the rendezvous gives a newer one. */
  readonly keepWay: (ticket: string, meeting: MeetingView) => void;
  /** It is over: why, unless it was left. */
  readonly over: (trouble: Trouble | undefined) => void;
}
