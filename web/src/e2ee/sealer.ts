/** Sealing what this client sends: SFrame with the first bytes clear, one counter per source. */
import type { Bytes } from "../protocol/bytes";
import { type Codec, clear } from "./frame";
import type { MediaKeys } from "./keys";
import type { Source } from "./port";
import type { Key } from "./sframe";

interface Use {
  readonly epoch: string;
  /** Kept for the epoch's time of use. */
  readonly keys: Map<Source, Promise<Key>>;
}

/**
 * One for the whole session, whatever its links and layers are: no two of its
 * frames share epoch, source and counter, so no nonce is used twice.
 */
export class FrameSealer {
  readonly #keys: MediaKeys;
  readonly #fingerprint: Bytes;
  /** Frames through all epochs: not even one that comes back into use sees a counter twice. */
  readonly #counted: Record<Source, number> = { mic: 0, camera: 0, screen: 0, "screen-audio": 0 };
  #use: Use | undefined;

  /** `fingerprint` is of this client's own session. */
  constructor(keys: MediaKeys, fingerprint: Bytes) {
    this.#keys = keys;
    this.#fingerprint = fingerprint;
  }

  /** The epoch to seal in from now on; its key is held in the keys. */
  use(epoch: string | undefined): void {
    if (epoch !== this.#use?.epoch) {
      this.#use = epoch === undefined ? undefined : { epoch, keys: new Map() };
    }
  }

  /** The frame as it is sent; undefined without an epoch: then it must not be. */
  async seal(source: Source, codec: Codec, frame: Bytes): Promise<Bytes | undefined> {
    const key = this.#use && this.#key(this.#use, source);
    if (key === undefined) {
      return undefined;
    }
    const counter = this.#counted[source]++; // taken before anything is waited for
    const head = frame.subarray(0, clear(codec, frame));
    return (await key).seal(counter, head, frame.subarray(head.length));
  }

  #key(use: Use, source: Source): Promise<Key> | undefined {
    const kept = use.keys.get(source);
    if (kept !== undefined) {
      return kept;
    }
    const key = this.#keys.own(use.epoch, this.#fingerprint, source);
    if (key !== undefined) {
      use.keys.set(source, key);
    }
    return key;
  }
}
