/** The receiving half of a link: which source flows in which slot. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import { type Source, sources } from "./shape";

/** A source that flows in one of my slots. */
export interface Flow {
  readonly from: string;
  readonly source: Source;
  readonly track: MediaStreamTrack;
}

interface Slot {
  readonly mid: string;
  readonly from: string;
  readonly source: Source;
}

export class Incoming {
  readonly #connection: RTCPeerConnection;
  readonly #flows = signal<readonly Flow[]>([]);
  #told = false;

  constructor(connection: RTCPeerConnection) {
    this.#connection = connection;
  }

  get flows(): ReadonlySignal<readonly Flow[]> {
    return this.#flows;
  }

  /** The peer has told what flows, and all of that arrives. */
  get carrying(): boolean {
    // A receiver's track is muted until its first packet.
    return this.#told && this.#flows.peek().every(({ track }) => !track.muted);
  }

  /** Until the peer has told, each slot is taken to carry the peer's source of its line. */
  assume(peer: string): void {
    const lines = this.#connection.getTransceivers();
    this.#flows.value = sources.flatMap((source, i) => {
      const track = lines[i]?.receiver.track;
      return track === undefined ? [] : [{ from: peer, source, track }];
    });
  }

  take(slots: readonly Slot[]): void {
    this.#told = true;
    const lines = new Map(
      this.#connection.getTransceivers().map(({ mid, receiver }) => [mid, receiver.track]),
    );
    this.#flows.value = slots.flatMap(({ mid, from, source }) => {
      const track = lines.get(mid);
      return track === undefined ? [] : [{ from, source, track }];
    });
  }

  end(): void {
    this.#flows.value = [];
  }
}
