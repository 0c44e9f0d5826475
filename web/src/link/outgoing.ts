/** The sending half of a link: my sources on its media lines, encoded as the peer shows them. */
import type { Shape } from "../room/link";
import {
  type Encoding,
  encodingFor,
  type Size,
  sameEncoding,
  simulcastFor,
  type View,
} from "./encoding";
import { trim } from "./lines";
import type { Seals } from "./seals";
import { kindOf, layers, type Source, sources } from "./shape";

interface Line {
  readonly transceiver: RTCRtpTransceiver;
  applied: readonly Encoding[] | undefined;
  /** Settles when its parameters are set: to set others meanwhile would fail. */
  setting: Promise<void> | undefined;
}

export type Tracks = Readonly<Partial<Record<Source, MediaStreamTrack>>>;

/** A standby that took over asks within a round trip. */
const presumeMillis = 2_000;

export interface OutgoingOptions {
  readonly shape: Shape;
  readonly seals: Pick<Seals, "send">;
  readonly tracks: Tracks;
  /** Nothing is sent before the peer asks for it. */
  readonly quiet: boolean;
  /** Called when what flows may have changed. */
  readonly flowing: () => void;
}

export class Outgoing {
  readonly #shape: Shape;
  readonly #seals: Pick<Seals, "send">;
  readonly #flowing: () => void;
  #lines: ReadonlyMap<Source, Line> = new Map();
  #tracks: Tracks;
  #views: readonly View[] | undefined;
  /** A description is being applied. */
  #held = false;
  /** Runs while the peer is expected to ask for what it did not want before. */
  #presumed: ReturnType<typeof setTimeout> | undefined;

  constructor({ shape, seals, tracks, quiet, flowing }: OutgoingOptions) {
    this.#shape = shape;
    this.#seals = seals;
    this.#tracks = tracks;
    this.#flowing = flowing;
    this.#views = quiet ? [] : undefined;
  }

  /**
   * One of the offerer's lines, which are made in the order of `sources`. It has
   * its transform in the task that makes it: a sender whose transform is set in a
   * later one sends in the clear in Chromium. So nothing may be awaited between
   * the two, here and in `attach`.
   */
  add(connection: RTCPeerConnection, source: Source): void {
    const track = this.#tracks[source];
    const encodings = this.#wanted(source);
    const transceiver = connection.addTransceiver(track ?? kindOf[source], {
      direction: "sendrecv",
      sendEncodings: encodings.map((encoding, at) => ({
        ...encoding,
        ...(encodings.length > 1 && { rid: layers[at]?.rid ?? "" }),
      })),
    });
    trim(transceiver, this.#shape);
    this.#seals.send(transceiver.sender, source);
    const line = { transceiver, applied: encodings, setting: undefined };
    this.#lines = new Map(this.#lines).set(source, line);
  }

  /** The answerer's: the lines of the offer, by their order. False when it is no offer of a link. */
  attach(offered: readonly RTCRtpTransceiver[]): boolean {
    const lines = new Map<Source, Line>();
    for (const [i, source] of sources.entries()) {
      const transceiver = offered[i];
      if (transceiver?.receiver.track.kind !== kindOf[source]) {
        return false;
      }
      transceiver.direction = "sendrecv";
      trim(transceiver, this.#shape);
      this.#seals.send(transceiver.sender, source);
      lines.set(source, { transceiver, applied: undefined, setting: undefined });
    }
    this.#lines = lines;
    for (const source of sources) {
      this.#replace(source);
      this.#encode(source);
    }
    return true;
  }

  /**
   * Sets no more parameters until `release`; resolves when none are being set.
   * While a description is applied, Chromium may refuse them.
   */
  async hold(): Promise<void> {
    this.#held = true;
    await Promise.all([...this.#lines.values()].map(({ setting }) => setting));
  }

  release(): void {
    this.#held = false;
    this.review();
  }

  /** Sets what was refused, or could not be set yet. */
  review(): void {
    for (const source of sources) {
      this.#encode(source);
    }
  }

  setTrack(source: Source, track: MediaStreamTrack | undefined): void {
    if (this.#tracks[source] === track) {
      return;
    }
    const { [source]: _, ...others } = this.#tracks;
    this.#tracks = track === undefined ? others : { ...others, [source]: track };
    this.#encode(source);
    this.#replace(source);
    this.#flowing();
  }

  /** What the peer shows. */
  setViews(views: readonly View[]): void {
    this.end();
    this.#views = views;
    this.#encodeAll();
  }

  /** Sends before the peer has asked, because it is about to; not for long when it does not. */
  presume(): void {
    if (this.#views?.length === 0) {
      this.end();
      this.#presumed = setTimeout(() => {
        this.end();
        this.#encodeAll();
      }, presumeMillis);
      this.#encodeAll();
    }
  }

  end(): void {
    clearTimeout(this.#presumed);
    this.#presumed = undefined;
  }

  /** By the line's mid, what is sent in it now. */
  flows(): readonly { readonly mid: string; readonly source: Source }[] {
    return [...this.#lines].flatMap(([source, { transceiver }]) =>
      transceiver.mid !== null &&
      this.#tracks[source] !== undefined &&
      this.#wanted(source).some(({ active }) => active)
        ? [{ mid: transceiver.mid, source }]
        : [],
    );
  }

  #encodeAll(): void {
    for (const source of sources) {
      this.#encode(source);
    }
    this.#flowing();
  }

  /** More than one only of a camera towards an SFU: its layers. */
  #wanted(source: Source): readonly Encoding[] {
    const captured = this.#captured(source);
    return this.#shape === "sfu" && source === "camera"
      ? simulcastFor(this.#asked, captured)
      : [encodingFor(source, this.#asked, captured)];
  }

  /** Undefined while it is not known what the peer shows. */
  get #asked(): readonly View[] | undefined {
    return this.#presumed === undefined ? this.#views : undefined;
  }

  #captured(source: Source): Size | undefined {
    const { width, height } = this.#tracks[source]?.getSettings() ?? {};
    return width && height ? { width, height } : undefined;
  }

  #replace(source: Source): void {
    const sender = this.#lines.get(source)?.transceiver.sender;
    const track = this.#tracks[source] ?? null;
    // Rejects when the connection is closed meanwhile: nothing to be done then.
    sender?.replaceTrack(track).catch(() => undefined);
  }

  /** Of what flows alone: to ask a sender for its parameters holds up the page. */
  #encode(source: Source): void {
    const line = this.#tracks[source] && this.#lines.get(source);
    const wanted = this.#wanted(source);
    const same = line?.applied && sameEncodings(line.applied, wanted);
    if (line === undefined || this.#held || line.setting || same) {
      return;
    }
    line.applied = wanted;
    const { sender } = line.transceiver;
    const parameters = sender.getParameters();
    if (parameters.encodings.length === 0) {
      line.applied = undefined;
      return;
    }
    // An SFU that takes no layers has one picture, as everybody else has.
    const single = parameters.encodings.length === 1 && wanted.length > 1;
    const given = single ? [encodingFor(source, this.#asked, this.#captured(source))] : wanted;
    parameters.encodings.forEach((encoding, at) => {
      Object.assign(encoding, given[at] ?? { active: false });
    });
    // Of a screen the letters matter, of a face its movement as well.
    parameters.degradationPreference = source === "screen" ? "maintain-resolution" : "balanced";
    line.setting = sender.setParameters(parameters).then(
      () => {
        line.setting = undefined;
        this.#encode(source); // what is wanted may be something else by now
      },
      () => {
        line.setting = undefined;
        line.applied = undefined; // the next review tries again
      },
    );
  }
}

const sameEncodings = (a: readonly Encoding[], b: readonly Encoding[]): boolean =>
  a.length === b.length && a.every((each, at) => b[at] !== undefined && sameEncoding(each, b[at]));
