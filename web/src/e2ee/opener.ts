/**
 * Opening one receiving stream: key, replay, and whether it carries what its
 * slot is labelled with. Times are milliseconds of any one clock.
 */
import type { Bytes } from "../protocol/bytes";
import { type Codec, clear } from "./frame";
import type { MediaKeys, Origin } from "./keys";
import type { Label, Troubles } from "./port";
import { Seen } from "./seen";
import { parseHeader } from "./sframe";

/** How many frames wait for their label, and for how long. */
const maxWaiting = 60;
const waitMillis = 500;

/** A frame that may be shown: as it came, and what was in it. */
export interface Opened<F> {
  readonly frame: F;
  readonly data: Bytes;
}

interface Waiting<F> extends Opened<F> {
  readonly origin: Origin;
  readonly since: number;
  readonly isKey: boolean;
}

interface Authentic {
  readonly origin: Origin;
  readonly data: Bytes;
}

export class FrameOpener<F> {
  readonly #keys: MediaKeys;
  readonly #seen = new Seen();
  readonly #troubles = { noKey: 0, altered: 0, replayed: 0, unlabelled: 0 };
  #label: Label | undefined;
  #held: readonly Waiting<F>[] = [];
  /** The key ID that no key was there for last. */
  #unknown: number | undefined;
  /** Nothing was shown since a frame was lost: what comes next shows nothing without a key frame. */
  #late = true;
  #waiting = false;
  #asks = false;

  constructor(keys: MediaKeys) {
    this.#keys = keys;
  }

  /** What was not taken since the stream began. */
  get troubles(): Troubles {
    return this.#troubles;
  }

  /** Frames arrive, and the last one could not be shown yet. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /**
   * Takes one frame and gives what may be shown now, in its order: it or
   * nothing. `isKey`: a decoder can begin with it, as with any of audio. Frames
   * follow one another: the next is pushed when this has settled.
   */
  async push(
    now: number,
    codec: Codec,
    data: Bytes,
    frame: F,
    isKey: boolean,
  ): Promise<readonly Opened<F>[]> {
    this.#expire(now);
    const authentic = await this.#open(codec, data);
    if (authentic === undefined) {
      return [];
    }
    const held = { ...authentic, frame, since: now, isKey };
    if (this.#isLabelled(held)) {
      return this.#show([held]);
    }
    this.#waiting = true;
    this.#held = [...this.#held, held];
    if (this.#held.length > maxWaiting) {
      this.#held = this.#held.slice(1);
      this.#lose("unlabelled");
    }
    return [];
  }

  /** What the stream is to carry from now on. Gives what has waited for that. */
  label(now: number, label: Label | undefined): readonly Opened<F>[] {
    this.#label = label;
    this.#expire(now);
    const shown = this.#held.filter((held) => this.#isLabelled(held));
    if (shown.length === 0) {
      return [];
    }
    // What came before them was of what the slot carried before.
    const last = shown.at(-1);
    this.#held = this.#held.slice(last === undefined ? 0 : this.#held.indexOf(last) + 1);
    return this.#show(shown);
  }

  /** The keys changed. */
  rekeyed(): void {
    if (this.#unknown !== undefined && this.#keys.find(this.#unknown).length > 0) {
      this.#unknown = undefined;
      this.#asks = true;
    }
  }

  /** Whether a key frame must be asked for, because key or label came late; once for each time. */
  asks(): boolean {
    const asks = this.#asks;
    this.#asks = false;
    return asks;
  }

  #show(frames: readonly Waiting<F>[]): readonly Opened<F>[] {
    const [first] = frames;
    if (this.#late && first?.isKey === false) {
      this.#asks = true;
    }
    this.#late = false;
    this.#waiting = false;
    return frames;
  }

  async #open(codec: Codec, data: Bytes): Promise<Authentic | undefined> {
    const head = data.subarray(0, clear(codec, data));
    const header = parseHeader(data.subarray(head.length));
    if (header === undefined) {
      return this.#lose("altered");
    }
    const origins = this.#keys.find(header.kid);
    if (origins.length === 0) {
      this.#unknown = header.kid;
      this.#waiting = true;
      return this.#lose("noKey");
    }
    let why: keyof Troubles = "altered";
    for (const origin of origins) {
      if (!this.#seen.fresh(origin, header.ctr)) {
        why = "replayed";
        continue;
      }
      const plain = await (await origin.key).open(header, head);
      if (plain !== undefined) {
        this.#seen.take(origin, header.ctr);
        return { origin, data: plain };
      }
    }
    return this.#lose(why);
  }

  #isLabelled({ origin }: Authentic): boolean {
    return origin.from === this.#label?.from && origin.source === this.#label.source;
  }

  #expire(now: number): void {
    for (const { since } of this.#held) {
      if (now - since <= waitMillis) {
        break;
      }
      this.#held = this.#held.slice(1);
      this.#lose("unlabelled");
    }
  }

  #lose(why: keyof Troubles): undefined {
    this.#troubles[why]++;
    if (why !== "replayed") {
      this.#late = true;
    }
  }
}
