/**
 * A link's two data channels: what comes in is bounded, decoded and counted
 * before anybody sees it; what goes out never queues without end.
 */
import {
  type Beat,
  type ControlMessage,
  decodeBeat,
  decodeControl,
  encodeBeat,
  encodeControl,
} from "../protocol/codec";
import { Bucket } from "./flood";
import { beat, control } from "./shape";

/** What may wait to be sent, bytes; a peer that takes no more gets no more. */
const maxQueued = 1 << 20;

export interface ChannelEvents {
  readonly opened: () => void;
  /** The peer closed the link. */
  readonly closed: () => void;
  readonly control: (message: ControlMessage) => void;
  readonly beat: (beat: Beat) => void;
}

export class Channels {
  readonly #control: RTCDataChannel;
  readonly #beat: RTCDataChannel;
  /** Bursts for a history and a resize of a full grid, then ten a second. */
  readonly #controlBucket = new Bucket(300, 10);
  readonly #beatBucket = new Bucket(40, 12);
  #refused = 0;

  constructor(connection: RTCPeerConnection, events: ChannelEvents) {
    this.#control = connection.createDataChannel(control.label, control.init);
    this.#beat = connection.createDataChannel(beat.label, beat.init);
    this.#control.addEventListener("open", events.opened);
    this.#control.addEventListener("close", events.closed);
    this.#control.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      this.#receive(data, this.#controlBucket, decodeControl, events.control);
    });
    this.#beat.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      this.#receive(data, this.#beatBucket, decodeBeat, events.beat);
    });
  }

  /** Messages that were too many or not understood. */
  get refused(): number {
    return this.#refused;
  }

  get open(): boolean {
    return this.#control.readyState === "open";
  }

  /** False when it could not be sent. */
  send(message: ControlMessage): boolean {
    return this.#send(this.#control, encodeControl(message), maxQueued);
  }

  sendBeat(message: Beat): boolean {
    // An old heartbeat is worth nothing: none is queued behind another.
    return this.#send(this.#beat, encodeBeat(message), 0);
  }

  #send(channel: RTCDataChannel, text: string, queued: number): boolean {
    if (channel.readyState !== "open" || channel.bufferedAmount > queued) {
      return false;
    }
    try {
      channel.send(text);
      return true;
    } catch {
      return false; // closed between the look and the leap
    }
  }

  #receive<T>(
    data: unknown,
    bucket: Bucket,
    decode: (text: string) => T,
    use: (message: T) => void,
  ) {
    if (typeof data !== "string" || !bucket.take(performance.now())) {
      this.#refused++;
      return;
    }
    let message: T;
    try {
      message = decode(data);
    } catch {
      this.#refused++;
      return;
    }
    use(message);
  }
}
