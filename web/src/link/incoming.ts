/** The receiving half of a link: which source flows in which slot, and whether it arrives. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Signs } from "../e2ee/signs";
import type { Seals, Stream } from "./seals";
import { type Source, sources } from "./shape";

/** A source that flows in one of my slots. */
export interface Flow {
  readonly from: string;
  readonly source: Source;
  readonly track: MediaStreamTrack;
  /** It has arrived since the slot is its: something of it was played or decoded. */
  readonly live: boolean;
  /**
   * It goes on coming: sound is patched up at first, until its buffer has found
   * its length, and a picture may be taken back as soon as it was given.
   */
  readonly settled: boolean;
}

interface Slot {
  readonly mid: string;
  readonly from: string;
  readonly source: Source;
}

/** A flow and where it comes in. */
interface Held extends Flow {
  readonly receiver: RTCRtpReceiver;
  readonly signs: Signs | undefined;
  /** Since when the slot is this source's, it is live, and it has settled; milliseconds since 1970. */
  readonly since: number;
  readonly liveAt: number;
  readonly settledAt: number;
}

/** How often is looked whether something new has arrived, and for how long that often; then seldom. */
const lookMillis = 40;
const looksAtMost = 150;
const seldom = 10;
/** How long it takes to settle; and at most, where a picture is one that never changes. */
const settleMillis = 500;
const stillMillis = 3_000;
/** How long a page may take to show and play what has settled in the place of what was before. */
const shownMillis = 500;
/** Where a page may play no sound yet, none ever is: then that it comes must do. */
const unplayedMillis = 1_000;

export class Incoming {
  readonly #connection: RTCPeerConnection;
  readonly #seals: Pick<Seals, "receive">;
  readonly #changed: () => void;
  readonly #streams = new Map<RTCRtpReceiver, Stream>();
  readonly #flows = signal<readonly Held[]>([]);
  #told = false;
  #looking: ReturnType<typeof setInterval> | undefined;

  /** `changed` is called when something that flows has begun to arrive. */
  constructor(connection: RTCPeerConnection, seals: Pick<Seals, "receive">, changed: () => void) {
    this.#connection = connection;
    this.#seals = seals;
    this.#changed = changed;
  }

  get flows(): ReadonlySignal<readonly Flow[]> {
    return this.#flows;
  }

  /** The peer has told what flows, and all of that has settled for so long that it is shown: no other link need bring it. */
  get carrying(): boolean {
    const shown = (flow: Held) => flow.settled && now() >= flow.settledAt + shownMillis;
    return this.#told && this.#flows.peek().every(shown);
  }

  /** When something of a flow came last, milliseconds since 1970; 0 for never. */
  get heardAt(): number {
    return this.#flows.peek().reduce((last, flow) => Math.max(last, cameOf(flow)), 0);
  }

  /** How loud each microphone is that flows here, 0…1 of full scale, by whose it is. */
  levels(): ReadonlyMap<string, number> {
    return new Map(
      this.#flows
        .peek()
        .filter(({ source }) => source === "mic")
        .map((flow) => [flow.from, levelOf(flow)]),
    );
  }

  /** Every line is there now: what comes in them is opened on its way to the decoder. */
  open(): void {
    for (const { receiver } of this.#connection.getTransceivers()) {
      this.#streams.has(receiver) || this.#streams.set(receiver, this.#seals.receive(receiver));
    }
  }

  /** Whether the lines are those that were there when it opened: what comes in any other is not opened. */
  get whole(): boolean {
    const lines = this.#connection.getTransceivers();
    return (
      lines.length === this.#streams.size &&
      lines.every(({ receiver }) => this.#streams.has(receiver))
    );
  }

  /** Until the peer has told, each slot is taken to carry the peer's source of its line. */
  assume(peer: string): void {
    const lines = this.#connection.getTransceivers();
    this.#set(
      sources.flatMap((source, i) => {
        const receiver = lines[i]?.receiver;
        return receiver === undefined ? [] : [this.#hold(receiver, peer, source)];
      }),
    );
  }

  take(slots: readonly Slot[]): void {
    this.#told = true;
    const lines = new Map(
      this.#connection.getTransceivers().map(({ mid, receiver }) => [mid, receiver]),
    );
    this.#set(
      slots.flatMap(({ mid, from, source }) => {
        const receiver = lines.get(mid);
        // Nothing is shown but what is opened on its way.
        return receiver === undefined || !this.#streams.has(receiver)
          ? []
          : [this.#hold(receiver, from, source)];
      }),
    );
  }

  /** Something else was asked for: what was told before says nothing about it. */
  forget(): void {
    this.#told = false;
  }

  end(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
    this.#flows.value = [];
    for (const stream of this.#streams.values()) {
      stream.end();
    }
    this.#streams.clear();
  }

  /** The flow as it was while the slot stays the same source's. */
  #hold(receiver: RTCRtpReceiver, from: string, source: Source): Held {
    const { track } = receiver;
    const signs = this.#streams.get(receiver)?.signs;
    const before = this.#flows
      .peek()
      .find((each) => each.track === track && each.from === from && each.source === source);
    const none = { live: false, settled: false, liveAt: 0, settledAt: 0 };
    return before ?? { from, source, track, ...none, receiver, signs, since: now() };
  }

  #set(flows: readonly Held[]): void {
    this.#label(flows);
    const arrived = flows.map((flow) => arrival(flow, now()));
    const before = this.#flows.peek();
    if (arrived.length !== before.length || arrived.some((each, i) => each !== before[i])) {
      this.#flows.value = arrived;
    }
    this.#look();
  }

  /** Nothing is decoded but what the slot is said to carry. */
  #label(flows: readonly Held[]): void {
    const before = this.#flows.peek();
    const flowIn = (list: readonly Held[], receiver: RTCRtpReceiver) =>
      list.find((flow) => flow.receiver === receiver);
    for (const [receiver, stream] of this.#streams) {
      const flow = flowIn(flows, receiver);
      if (flow !== flowIn(before, receiver)) {
        stream.label(flow && { from: flow.from, source: flow.source });
      }
    }
  }

  /** Looks often while something is awaited: each time is a picture that comes later. */
  #look(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
    if (this.#flows.peek().every(({ settled }) => settled)) {
      return;
    }
    let looks = 0;
    this.#looking = setInterval(() => {
      looks++;
      if (looks <= looksAtMost || looks % seldom === 0) {
        this.look();
      }
    }, lookMillis);
  }

  /** Finds out what has begun to arrive. */
  look(): void {
    const before = this.#flows.peek();
    const after = before.map((flow) => arrival(flow, now()));
    if (after.some((each, i) => each !== before[i])) {
      this.#flows.value = after;
      if (after.every(({ settled }) => settled)) {
        clearInterval(this.#looking);
        this.#looking = undefined;
      }
      this.#changed();
    }
  }
}

function arrival(flow: Held, at: number): Held {
  const isSound = flow.track.kind === "audio";
  if (flow.settled || flow.track.muted) {
    return flow; // a receiver's track is muted until its first packet
  }
  if (flow.live) {
    const goesOn = isSound ? at >= settles(flow) : isPlayed(flow, settles(flow));
    return goesOn || at >= flow.liveAt + stillMillis
      ? { ...flow, settled: true, settledAt: at }
      : flow;
  }
  const live = isPlayed(flow, flow.since) || (isSound && at >= flow.since + unplayedMillis);
  return live ? { ...flow, live, liveAt: at } : flow;
}

const settles = ({ liveAt }: Held): number => liveAt + settleMillis;

/** Whether a frame was played or decoded since then. Nothing is that has not come: then the connection need not be asked. */
const isPlayed = ({ signs, receiver }: Held, since: number): boolean =>
  (signs === undefined || signs.openedAt >= since) && playedAt(receiver) >= since;

/** When something of the flow came last; where that is not known, when something was played. */
const cameOf = ({ signs, receiver }: Held): number => signs?.arrivedAt ?? playedAt(receiver);

/** When a frame of the receiver was played or decoded last. To ask for it holds up the page. */
function playedAt(receiver: RTCRtpReceiver): number {
  return receiver
    .getSynchronizationSources()
    .reduce((last, { timestamp }) => Math.max(last, timestamp), 0);
}

/** How long the level of a frame says how loud it is. */
const levelMillis = 300;

/** How loud a flow is now, 0…1 of full scale. */
function levelOf({ signs, receiver }: Held): number {
  if (signs !== undefined && now() - signs.arrivedAt > levelMillis) {
    return 0;
  }
  const heard = () => receiver.getSynchronizationSources().map((of) => of.audioLevel ?? 0);
  return signs?.level ?? Math.max(0, ...heard());
}

/** As the sources' timestamps are counted (webrtc-pc, RTCRtpContributingSource). */
const now = (): number => performance.timeOrigin + performance.now();
