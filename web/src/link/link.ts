/**
 * One WebRTC link: my sources out, the peer's slots in, two data channels. In a
 * star its peer is the SFU, and everybody's sources come in its slots.
 * A thin shell around `negotiation` and the other pure parts of this folder;
 * it owns the RTCPeerConnection and knows nothing of rooms. Its signals go out
 * by `events.signal` and come in by `accept`, in order.
 */
import { batch, type ReadonlySignal } from "@preact/signals-core";
import type { View as Asked, ControlMessage, LinkSignal } from "../protocol/codec";
import type { ReceiveSlots, Shape } from "../room/link";
import { everyMillis } from "./beats";
import type { Channels } from "./channels";
import type { Figures } from "./figures";
import type { Flow, Incoming } from "./incoming";
import { type Action, begin, type Input, type Side, step } from "./negotiation";
import type { Outgoing } from "./outgoing";
import { Pulse } from "./pulse";
import type { Quality } from "./quality";
import type { Source } from "./shape";
import { Terms } from "./terms";
import { addFound, type Found, Trickle } from "./trickle";
import type { Vitals } from "./vitals";
import { Wire, type WireOptions } from "./wire";

export interface LinkOptions extends WireOptions {
  /** 16 bytes in base64url, chosen by the offerer. */
  readonly id: string;
  readonly side: Side;
  /** Slots beyond those that every link has; none but on a link to an SFU. */
  readonly extra: ReceiveSlots;
  /** My peer ID. */
  readonly self: string;
  readonly peer: string;
  readonly peerSession: number;
  /** Others' pictures are shown, which the making of it must not hold up. */
  readonly gently: boolean;
  /** This end of it, where that was made before it was known whose the other is. */
  readonly warm: Wire | undefined;
  /** My microphone's loudness now, 0…127. */
  readonly level: () => number;
  readonly events: LinkEvents;
}

export interface LinkEvents {
  readonly signal: (signal: LinkSignal) => void;
  /** The control channel is open, for the first time. */
  readonly opened: () => void;
  readonly control: (message: ControlMessage) => void;
  /** Beyond repair: to be closed and, while it is wanted, made anew. */
  readonly broken: () => void;
}

const statisticsEvery = 2_000 / everyMillis;

export class Link {
  readonly id: string;
  readonly side: Side;
  readonly shape: Shape;
  readonly peer: string;
  readonly peerSession: number;
  readonly #events: LinkEvents;
  readonly #wire: Wire;
  readonly #connection: RTCPeerConnection;
  readonly #channels: Channels;
  readonly #outgoing: Outgoing;
  readonly #trickle: Trickle;
  readonly #level: () => number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #incoming: Incoming;
  readonly #terms: Terms;
  readonly #pulse = new Pulse();
  #negotiation;
  #ticks = 0;
  #closed = false;
  /** What is done to the connection is done in order. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: LinkOptions) {
    this.id = options.id;
    this.side = options.side;
    this.shape = options.shape;
    this.peer = options.peer;
    this.peerSession = options.peerSession;
    this.#events = options.events;
    this.#level = options.level;
    this.#negotiation = begin(options.side, performance.now());
    this.#wire = options.warm ?? new Wire(options);
    this.#connection = this.#wire.connection;
    this.#channels = this.#wire.channels;
    this.#incoming = this.#wire.incoming;
    this.#outgoing = this.#wire.outgoing;
    this.#terms = new Terms({
      self: options.self,
      only: options.shape === "mesh" ? options.peer : undefined,
      incoming: this.#incoming,
      outgoing: this.#outgoing,
      send: (message) => this.send(message),
    });
    this.#trickle = new Trickle((candidates) =>
      this.#signal({
        type: "candidates",
        ends: this.#ends,
        generation: this.#negotiation.generation,
        candidates,
      }),
    );
    this.#wire.bind({
      opened: () => this.#opened(),
      // A page that goes away has no time left to say so in a sealed box.
      closed: () => this.#break(),
      control: (message) => this.#control(message),
      beat: (beat) => this.#pulse.hear(beat),
      arrived: () => this.#judge(),
      flowing: () => this.#terms.tellSlots(),
    });
    this.#listen();
    this.#timer = setInterval(() => this.#tick(), everyMillis);
    if (this.side === "offerer") {
      this.#lay(options);
      this.#input({ type: "open" });
    }
  }

  get quality(): ReadonlySignal<Quality> {
    return this.#pulse.quality;
  }
  get figures(): ReadonlySignal<Figures> {
    return this.#pulse.figures;
  }
  get flows(): ReadonlySignal<readonly Flow[]> {
    return this.#incoming.flows;
  }
  /** The peer's microphone, 0…127. */
  get peerLevel(): ReadonlySignal<number> {
    return this.#pulse.level;
  }
  /** What the room's core wants to know. */
  get vitals(): ReadonlySignal<Vitals> {
    return this.#pulse.vitals;
  }

  setTrack(source: Source, track: MediaStreamTrack | undefined): void {
    this.#outgoing.setTrack(source, track);
  }

  /** How loud everybody's microphone is that comes by this link, 0…1 of full scale. */
  levels(): ReadonlyMap<string, number> {
    return this.#incoming.levels();
  }
  /** When the peer was heard last, by a beat and by media; of `performance.now()`. */
  get heard(): { readonly beatAt: number; readonly mediaAt: number } {
    const mediaAt = this.#incoming.heardAt - performance.timeOrigin;
    return { beatAt: this.#pulse.heardAt, mediaAt };
  }

  /** Whether its peer is taken for dead, whatever ICE still believes. */
  setStopped(stopped: boolean): void {
    this.#pulse.setStopped(stopped);
    this.#judge();
  }

  /** What I show of what it brings, most important first; anything else the peer need not send. */
  setShown(shown: readonly Asked[]): void {
    this.#terms.setShown(shown);
    this.#judge();
  }

  setIceServers(iceServers: readonly RTCIceServer[]): void {
    this.#wire.setIceServers(iceServers);
  }

  /** False when it could not be sent now. */
  send(message: ControlMessage): boolean {
    return this.#channels.send(message);
  }

  /** This machine's network changed: what was connected may be no more. */
  networkChanged(): void {
    this.#input({ type: "doubt" });
  }

  /** A signal of the peer about this link. */
  accept(message: LinkSignal): void {
    switch (message.type) {
      case "offer":
        this.#input(
          { type: "offer", generation: message.generation },
          (): Promise<void> => this.#answer(message.sdp, message.generation),
        );
        break;
      case "answer":
        this.#input({ type: "answer", generation: message.generation }, () =>
          this.#wire.take({ type: "answer", sdp: message.sdp }),
        );
        break;
      case "candidates":
        this.#do(async () => this.#take(message.generation, message.candidates));
        break;
      case "restart":
        this.#input({ type: "restart" });
        break;
      case "close":
        break; // about whether a link is, not how: its owner's to know
    }
  }

  /** Ends it here; with `tell`, there too. `isGentle`: others' pictures are shown meanwhile. */
  close(tell: boolean, isGentle = false): void {
    if (this.#closed) {
      return;
    }
    if (tell) {
      this.#signal({ type: "close", ends: this.#ends });
    }
    this.#closed = true;
    clearInterval(this.#timer);
    this.#trickle.stop();
    batch(() => {
      this.#wire.close(isGentle);
      this.#pulse.end();
    });
  }

  get #ends() {
    return { link: this.id, to: this.peerSession };
  }

  /** The offerer's lines. */
  #lay({ warm, shape, extra, gently, iceServers, tracks }: LinkOptions): void {
    if (warm !== undefined) {
      warm.fit(iceServers, tracks);
    } else if (gently) {
      this.#do(() => this.#wire.openGently());
    } else {
      this.#wire.open();
    }
    this.#do(async () =>
      shape === "mesh"
        ? this.#incoming.assume(this.peer)
        : await this.#wire.openSlots(extra, gently),
    );
  }

  #listen(): void {
    const connection = this.#connection;
    connection.addEventListener("icecandidate", ({ candidate }) => this.#trickle.add(candidate));
    connection.addEventListener("iceconnectionstatechange", () => {
      this.#input({ type: "ice", state: connection.iceConnectionState });
      this.#judge();
    });
    connection.addEventListener("connectionstatechange", () => {
      const { connectionState, iceConnectionState } = connection;
      // ICE works and DTLS does not: no restart can mend that.
      if (connectionState === "failed" && iceConnectionState !== "failed") {
        this.#break();
      }
    });
  }

  /** Feeds the state machine. `incoming` is what to do with a description that it takes. */
  #input(input: Input, incoming?: () => Promise<void>): void {
    if (this.#closed) {
      return;
    }
    const [next, actions] = step(this.#negotiation, input, performance.now());
    this.#negotiation = next;
    for (const action of actions) {
      this.#act(action, incoming);
    }
  }

  #act(action: Action, incoming: (() => Promise<void>) | undefined): void {
    switch (action.do) {
      case "offer":
        this.#do(() => this.#offer(action.generation));
        break;
      case "answer":
      case "take":
        if (incoming !== undefined) {
          this.#do(incoming);
        }
        break;
      case "ask":
        this.#signal({ type: "restart", ends: this.#ends });
        break;
      case "remake":
        this.#break();
        break;
    }
  }

  #do(operation: () => Promise<void>): void {
    this.#last = this.#last.then(async () => {
      if (!this.#closed) {
        await operation();
      }
    });
    // A description that the browser refuses leaves nothing to go on with.
    this.#last = this.#last.catch(() => this.#break());
  }

  async #offer(generation: number): Promise<void> {
    if (generation > 0) {
      this.#connection.restartIce();
    }
    const offer = await this.#wire.offer();
    await this.#wire.give(offer, () =>
      this.#signal({ type: "offer", ends: this.#ends, generation, sdp: offer.sdp ?? "" }),
    );
  }

  async #answer(sdp: string, generation: number): Promise<void> {
    const connection = this.#connection;
    await this.#wire.take({ type: "offer", sdp });
    // Every transform in this task, as in Outgoing.add: in a later one Chromium sends in the clear.
    if (generation === 0) {
      // An SFU does not offer: who is served does.
      if (this.shape !== "mesh" || !this.#outgoing.attach(connection.getTransceivers())) {
        this.#break();
        return;
      }
      this.#incoming.open();
      this.#incoming.assume(this.peer);
    } else if (!this.#incoming.whole) {
      this.#break(); // a restart changes no lines
      return;
    }
    const answer = await connection.createAnswer();
    await this.#wire.give(answer, () =>
      this.#signal({ type: "answer", ends: this.#ends, generation, sdp: answer.sdp ?? "" }),
    );
  }

  async #take(generation: number, candidates: readonly Found[]): Promise<void> {
    const input: Input = { type: "candidates", generation };
    const [, actions] = step(this.#negotiation, input, performance.now());
    if (actions.length > 0) {
      await addFound(this.#connection, candidates);
    }
  }

  #opened(): void {
    this.#terms.opened();
    this.#events.opened();
    this.#judge();
  }

  #control(message: ControlMessage): void {
    if (!this.#terms.take(message)) {
      this.#events.control(message);
    }
  }

  #tick(): void {
    this.#ticks++;
    this.#pulse.beat(this.#ticks, this.shape, this.#level(), (beat) =>
      this.#channels.sendBeat(beat),
    );
    if (this.#negotiation.brokenAt !== undefined && !this.#negotiation.pending) {
      // A restart of what still worked changes no state, so no event tells its end.
      this.#input({ type: "ice", state: this.#connection.iceConnectionState });
    }
    this.#input({ type: "tick" });
    this.#outgoing.review();
    if (this.#ticks % statisticsEvery === 0) {
      void this.#pulse.measure(this.#connection);
    }
    this.#judge();
  }

  #judge(): void {
    const state = this.#connection.iceConnectionState;
    const { open } = this.#channels;
    if (!this.#closed) {
      this.#pulse.judge({
        open,
        // What opened has connected, though the event that says so may come later.
        everConnected: open || this.#negotiation.connected,
        iceConnected: state === "connected" || state === "completed",
        carrying: this.#incoming.carrying,
        mediaAt: this.heard.mediaAt,
        asked: this.#terms.asked,
      });
    }
  }

  #signal(message: LinkSignal): void {
    if (!this.#closed) {
      this.#events.signal(message);
    }
  }

  #break(): void {
    if (!this.#closed) {
      this.#events.broken();
    }
  }
}
