/** The sending half of a link: my sources on its media lines, encoded as the peer shows them. */
import { type Encoding, encodingFor, sameEncoding, type View } from "./encoding";
import { kindOf, type Source, sources } from "./shape";

interface Line {
  readonly transceiver: RTCRtpTransceiver;
  applied: Encoding | undefined;
}

export type Tracks = Readonly<Partial<Record<Source, MediaStreamTrack>>>;

export class Outgoing {
  #lines: ReadonlyMap<Source, Line> = new Map();
  #tracks: Tracks;
  #views: readonly View[] | undefined;
  readonly #flowing: () => void;

  /** `flowing` is called when what flows may have changed. */
  constructor(tracks: Tracks, flowing: () => void) {
    this.#tracks = tracks;
    this.#flowing = flowing;
  }

  /** The offerer's lines, made in their order. */
  add(connection: RTCPeerConnection): void {
    this.#lines = new Map(
      sources.map((source) => {
        const track = this.#tracks[source];
        const encoding = this.#wanted(source);
        const transceiver = connection.addTransceiver(track ?? kindOf[source], {
          direction: "sendrecv",
          sendEncodings: [{ ...encoding }],
        });
        return [source, { transceiver, applied: encoding }];
      }),
    );
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
      lines.set(source, { transceiver, applied: undefined });
    }
    this.#lines = lines;
    for (const source of sources) {
      this.#replace(source);
      this.#encode(source);
    }
    return true;
  }

  setTrack(source: Source, track: MediaStreamTrack | undefined): void {
    if (this.#tracks[source] === track) {
      return;
    }
    const { [source]: _, ...others } = this.#tracks;
    this.#tracks = track === undefined ? others : { ...others, [source]: track };
    this.#replace(source);
    this.#encode(source);
    this.#flowing();
  }

  setViews(views: readonly View[]): void {
    this.#views = views;
    for (const source of sources) {
      this.#encode(source);
    }
    this.#flowing();
  }

  /** By the line's mid, what is sent in it now. */
  flows(): readonly { readonly mid: string; readonly source: Source }[] {
    return [...this.#lines].flatMap(([source, { transceiver }]) =>
      transceiver.mid !== null && this.#tracks[source] !== undefined && this.#wanted(source).active
        ? [{ mid: transceiver.mid, source }]
        : [],
    );
  }

  #wanted(source: Source): Encoding {
    const track = this.#tracks[source];
    const { width, height } = track?.getSettings() ?? {};
    const captured = width && height ? { width, height } : undefined;
    return encodingFor(source, this.#views, captured);
  }

  #replace(source: Source): void {
    const sender = this.#lines.get(source)?.transceiver.sender;
    const track = this.#tracks[source] ?? null;
    // Rejects when the connection is closed meanwhile: nothing to be done then.
    sender?.replaceTrack(track).catch(() => undefined);
  }

  #encode(source: Source): void {
    const line = this.#lines.get(source);
    const wanted = this.#wanted(source);
    if (line === undefined || (line.applied && sameEncoding(line.applied, wanted))) {
      return;
    }
    line.applied = wanted;
    const parameters = line.transceiver.sender.getParameters();
    const [first] = parameters.encodings;
    if (first === undefined) {
      line.applied = undefined;
      return;
    }
    Object.assign(first, wanted);
    // Of a screen the letters matter, of a face its movement as well.
    parameters.degradationPreference = source === "screen" ? "maintain-resolution" : "balanced";
    line.transceiver.sender.setParameters(parameters).catch(() => {
      line.applied = undefined; // tried again with the next view
    });
  }
}
