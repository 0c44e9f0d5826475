/**
 * The WebSocket to the rendezvous: hello and welcome, sequence numbers,
 * coming back after a loss. It lives as long as the room does and tells its
 * owner what arrives, once and in order; what a frame means is not known here.
 */
import {
  type Bye,
  type ClientFrame,
  decodeServer,
  encodeClient,
  type Hello,
  type ServerFrame,
  type Welcome,
} from "../protocol/codec";
import { version } from "../protocol/messages.gen";
import { backoff } from "./backoff";
import { chance } from "./random";
import * as sequence from "./sequence";

/** Frames of the client that carry a number. */
export type Numbered = Exclude<ClientFrame, Hello | { type: "ping" } | { type: "ack" }>;
/** What the owner gets beside welcome and bye. */
export type Told = Exclude<ServerFrame, Welcome | Bye | { type: "pong" } | { type: "ack" }>;

export interface SignalingOptions {
  readonly url: string;
  /** What to say first; `received` is filled in here. */
  readonly hello: () => Omit<Hello, "type" | "received">;
  /** A socket that is being opened already, for the first try. */
  readonly warm: WebSocket | undefined;
  /** Whether an unacknowledged frame still matters to a rendezvous that was restarted. */
  readonly matters: (frame: Numbered, welcome: Welcome) => boolean;
  readonly events: {
    readonly welcome: (welcome: Welcome) => void;
    readonly frame: (frame: Told) => void;
    /** The connection was lost; it is being made again. */
    readonly lost: () => void;
    /** There will be no more: the rendezvous said why. */
    readonly bye: (bye: Bye) => void;
  };
}

const pingEveryMillis = 10_000;
const silentMillis = 16_000;
const ackWithinMillis = 1_000;
const openWithinMillis = 8_000;

export class Signaling {
  readonly #options: SignalingOptions;
  #sequence = sequence.fresh<Numbered>();
  #socket: WebSocket | undefined;
  #welcomed = false;
  #ended = false;
  #failures = 0;
  #heardAt = 0;
  #saidAt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #online = () => this.#hurry();

  constructor(options: SignalingOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), ackWithinMillis);
    addEventListener("online", this.#online);
    this.#open(options.warm);
  }

  get connected(): boolean {
    return this.#welcomed;
  }

  /** Sends now, or when the connection is back. False when too much waits already. */
  send(frame: Numbered): boolean {
    const pushed = this.#ended ? undefined : sequence.push(this.#sequence, frame);
    if (pushed === undefined) {
      return false;
    }
    const [next, kept] = pushed;
    this.#sequence = next;
    if (this.#welcomed) {
      this.#say(encodeClient({ ...frame, seq: kept.seq }));
    }
    return true;
  }

  /** Goes on by another hello: what it says has changed. While there is no connection, the next one says it anyway. */
  renew(): void {
    const socket = this.#socket;
    if (socket !== undefined && this.#welcomed) {
      this.#welcomed = false;
      this.#socket = undefined;
      socket.close(1000);
      this.#open(undefined);
    }
  }

  /** Ends the session; with `leave` the others hear at once that it was meant. */
  close(leave: boolean): void {
    if (leave) {
      this.send({ type: "leave" });
    }
    this.#end();
  }

  #open(warm: WebSocket | undefined): void {
    const socket =
      warm !== undefined && warm.readyState <= WebSocket.OPEN
        ? warm
        : new WebSocket(this.#options.url, version);
    this.#socket = socket;
    this.#heardAt = performance.now();
    if (socket.readyState === WebSocket.OPEN) {
      this.#hello();
    } else {
      socket.addEventListener("open", () => this.#socket === socket && this.#hello());
    }
    socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (this.#socket === socket) {
        this.#receive(data);
      }
    });
    socket.addEventListener("close", () => this.#lost(socket));
  }

  #hello(): void {
    const { received } = this.#sequence;
    const hello = this.#options.hello();
    this.#say(encodeClient({ type: "hello", ...hello, ...(received > 0 && { received }) }));
  }

  #receive(data: unknown): void {
    this.#heardAt = performance.now();
    let frame: ServerFrame;
    try {
      frame = decodeServer(typeof data === "string" ? data : "");
    } catch {
      // A newer rendezvous may say what this page does not know; it must not end the meeting.
      this.#skip(data);
      return;
    }
    switch (frame.type) {
      case "welcome":
        this.#welcome(frame);
        break;
      case "bye":
        this.#bye(frame);
        break;
      case "ack":
        this.#sequence = sequence.acknowledged(this.#sequence, frame.received);
        break;
      case "pong":
        break;
      default:
        if (this.#count(frame.seq)) {
          this.#options.events.frame(frame);
        }
    }
  }

  /** True when the frame is new. A hole in the numbers means that something was lost: only a resume brings it. */
  #count(seq: number | undefined): boolean {
    if (seq === undefined) {
      return true;
    }
    const [next, arrival] = sequence.arrived(this.#sequence, seq);
    this.#sequence = next;
    if (arrival === "gap") {
      this.#socket?.close(4000, "gap");
      return false;
    }
    if (sequence.ackDue(next)) {
      this.#ack();
    }
    return arrival === "next";
  }

  #skip(data: unknown): void {
    try {
      const { seq } = JSON.parse(typeof data === "string" ? data : "null") as { seq?: unknown };
      if (typeof seq === "number" && Number.isSafeInteger(seq)) {
        this.#count(seq);
      }
    } catch {
      // Not even JSON: nothing to count.
    }
  }

  #welcome(frame: Welcome): void {
    this.#failures = 0;
    if (frame.resumed === true) {
      this.#sequence = sequence.acknowledged(this.#sequence, frame.received ?? 0);
    } else if (!this.#welcomed) {
      this.#sequence = sequence.restarted(this.#sequence, (each) =>
        this.#options.matters(each, frame),
      );
    }
    if (!this.#welcomed) {
      // Before the owner can send more: numbers must go out in their order.
      for (const kept of this.#sequence.unacked) {
        this.#say(encodeClient({ ...kept.frame, seq: kept.seq }));
      }
    }
    this.#welcomed = true;
    this.#options.events.welcome(frame);
  }

  #bye(frame: Bye): void {
    if (frame.why === "restart" || frame.why === "slow") {
      this.#failures = Math.max(1, this.#failures);
      this.#socket?.close();
      return;
    }
    this.#end();
    this.#options.events.bye(frame);
  }

  #lost(socket: WebSocket): void {
    if (this.#socket !== socket || this.#ended) {
      return;
    }
    const was = this.#welcomed;
    this.#welcomed = false;
    this.#socket = undefined;
    if (was) {
      this.#options.events.lost();
    }
    this.#retry = setTimeout(() => this.#open(undefined), backoff(this.#failures, chance()));
    this.#failures++;
  }

  /** The network is back: no need to wait out the pause. */
  #hurry(): void {
    if (this.#socket === undefined && !this.#ended) {
      clearTimeout(this.#retry);
      this.#open(undefined);
    }
  }

  #tick(): void {
    const now = performance.now();
    const limit = this.#welcomed ? silentMillis : openWithinMillis;
    const socket = this.#socket;
    if (socket !== undefined && now - this.#heardAt > limit) {
      // A dead network never closes a socket; waiting for it would take minutes.
      socket.close();
      this.#lost(socket);
    } else if (this.#welcomed && this.#sequence.received > this.#sequence.told) {
      this.#ack();
    } else if (this.#welcomed && now - this.#saidAt > pingEveryMillis) {
      this.#say(encodeClient({ type: "ping" }));
    }
  }

  #ack(): void {
    this.#sequence = sequence.told(this.#sequence);
    this.#say(encodeClient({ type: "ack", received: this.#sequence.received }));
  }

  #say(text: string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#saidAt = performance.now();
      this.#socket.send(text);
    }
  }

  #end(): void {
    this.#ended = true;
    this.#welcomed = false;
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
    removeEventListener("online", this.#online);
    this.#socket?.close(1000);
    this.#socket = undefined;
  }
}
