/**
 * This end of a link, whoever is at the other: the connection, its lines and its
 * channels. It may be made, and its offer written, before anybody is known to
 * offer it to. Nothing leaves this machine before a description is applied.
 */
import type { ReceiveSlots, Shape } from "../room/link";
import { breath, gently } from "./breath";
import { type ChannelEvents, Channels } from "./channels";
import { Incoming } from "./incoming";
import { addSlots } from "./lines";
import { Outgoing, type Tracks } from "./outgoing";
import type { Seals } from "./seals";
import { type Source, sources } from "./shape";

export interface WireOptions {
  readonly shape: Shape;
  /** Nothing is asked for on it yet, and nothing sent unasked. */
  readonly quiet: boolean;
  readonly iceServers: readonly RTCIceServer[];
  readonly tracks: Tracks;
  /** What goes out and comes in is sealed and opened by these. */
  readonly seals: Seals;
}

export interface WireEvents extends ChannelEvents {
  /** Something that flows has begun to arrive. */
  readonly arrived: () => void;
  /** What is sent may have changed. */
  readonly flowing: () => void;
}

export class Wire {
  readonly connection: RTCPeerConnection;
  readonly channels: Channels;
  readonly incoming: Incoming;
  readonly outgoing: Outgoing;
  #closed = false;
  #events: WireEvents | undefined;
  #written: Promise<RTCSessionDescriptionInit | undefined> | undefined;

  constructor({ shape, quiet, iceServers, tracks, seals }: WireOptions) {
    this.connection = new RTCPeerConnection({
      iceServers: [...iceServers],
      bundlePolicy: "max-bundle",
    });
    this.channels = new Channels(this.connection, {
      opened: () => this.#events?.opened(),
      closed: () => this.#events?.closed(),
      control: (message) => this.#events?.control(message),
      beat: (beat) => this.#events?.beat(beat),
    });
    this.incoming = new Incoming(this.connection, seals, () => this.#events?.arrived());
    const flowing = () => this.#events?.flowing();
    this.outgoing = new Outgoing({ shape, seals, tracks, quiet, flowing });
  }

  /**
   * An offerer's end in a mesh with its offer written, for a link that may be
   * wanted soon: writing the first of a page takes most of a tenth of a second.
   * It has no tracks and no servers yet, so that it neither touches a device nor
   * sends anything.
   */
  static warm(seals: Seals): Wire {
    const wire = new Wire({
      shape: "mesh",
      quiet: false,
      iceServers: [],
      tracks: {},
      seals,
    });
    wire.open();
    wire.#written = wire.connection.createOffer().catch(() => undefined);
    return wire;
  }

  /** Who is told what happens. */
  bind(events: WireEvents): void {
    this.#events = events;
  }

  /** What was made for any link becomes a certain one's. */
  fit(iceServers: readonly RTCIceServer[], tracks: Tracks): void {
    this.setIceServers(iceServers);
    for (const source of sources) {
      this.outgoing.setTrack(source, tracks[source]);
    }
  }

  setIceServers(iceServers: readonly RTCIceServer[]): void {
    this.connection.setConfiguration({
      ...this.connection.getConfiguration(),
      iceServers: [...iceServers],
    });
  }

  /** The offerer's lines that every link has. Each is opened in the task that makes it: later, Chromium sends in the clear. */
  open(): void {
    for (const source of sources) {
      this.#open(source);
    }
  }

  /** The same, and no picture that is shown meanwhile is held up. */
  async openGently(): Promise<void> {
    const pace = gently();
    for (const source of sources) {
      await pace();
      if (this.#closed) {
        return;
      }
      this.#open(source);
    }
  }

  /** The lines on which an SFU alone sends. */
  async openSlots(slots: ReceiveSlots, isGentle: boolean): Promise<void> {
    const pace = isGentle ? gently() : breath;
    await addSlots(
      this.connection,
      slots,
      pace,
      () => this.#closed,
      () => this.incoming.open(),
    );
  }

  /** The offer that was written before, once; a new one after that. */
  async offer(): Promise<RTCSessionDescriptionInit> {
    const written = this.#written;
    this.#written = undefined;
    return (await written) ?? this.connection.createOffer();
  }

  /** Applies a description of the peer's. */
  async take(description: RTCSessionDescriptionInit): Promise<void> {
    await this.outgoing.hold();
    try {
      await this.connection.setRemoteDescription(description);
    } finally {
      this.outgoing.release();
    }
  }

  /** Applies one of this end's. It is told before that, so that no candidate can overtake it. */
  async give(description: RTCSessionDescriptionInit, tell: () => void): Promise<void> {
    await this.outgoing.hold();
    try {
      const applied = this.connection.setLocalDescription(description);
      tell();
      await applied;
    } finally {
      this.outgoing.release();
    }
  }

  /** Where it is not urgent, no picture is held up: to close a connection takes as long as to make one. */
  close(isGentle = false): void {
    this.#closed = true;
    this.#events = undefined;
    this.outgoing.end();
    this.incoming.end();
    isGentle ? void gently()().then(() => this.connection.close()) : this.connection.close();
  }

  #open(source: Source): void {
    this.outgoing.add(this.connection, source);
    this.incoming.open();
  }
}
