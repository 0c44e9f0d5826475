/** Sealing what this client sends: SFrame with the first bytes clear, one counter per epoch and source. */
import type { Bytes } from "../protocol/bytes";
import { type Codec, clear } from "./frame";
import type { MediaKeys } from "./keys";
import type { Source } from "./port";
import type { Key } from "./sframe";

type Counters = Record<Source, number>;

interface Use {
  readonly epoch: string;
  readonly counters: Counters;
  /** Kept for the epoch's time of use. */
  readonly keys: Map<Source, Promise<Key>>;
}

/** Epochs whose counters are known by themselves; with any other, counting goes on above all that came before. */
const maxEpochs = 64;

/**
 * One for the whole session, whatever its links and layers are: no two of its
 * frames share epoch, source and counter, so no nonce is used twice.
 */
export class FrameSealer {
  readonly #keys: MediaKeys;
  readonly #fingerprint: Bytes;
  readonly #counted = new Map<string, Counters>();
  readonly #floor: Counters = { mic: 0, camera: 0, screen: 0, "screen-audio": 0 };
  #use: Use | undefined;

  /** `fingerprint` is of this client's own session. */
  constructor(keys: MediaKeys, fingerprint: Bytes) {
    this.#keys = keys;
    this.#fingerprint = fingerprint;
  }

  /** The epoch to seal in from now on; its key is held in the keys. */
  use(epoch: string | undefined): void {
    if (epoch !== this.#use?.epoch) {
      this.#use =
        epoch === undefined
          ? undefined
          : { epoch, counters: this.#counters(epoch), keys: new Map() };
    }
  }

  /** The frame as it is sent; undefined without an epoch: then it must not be. */
  async seal(source: Source, codec: Codec, frame: Bytes): Promise<Bytes | undefined> {
    const use = this.#use;
    const key = use && this.#key(use, source);
    if (use === undefined || key === undefined) {
      return undefined;
    }
    const counter = use.counters[source]++; // taken before anything is waited for
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

  #counters(epoch: string): Counters {
    const kept = this.#counted.get(epoch);
    if (kept !== undefined) {
      return kept;
    }
    const counters = { ...this.#floor };
    this.#counted.set(epoch, counters);
    const [oldest] = this.#counted;
    if (this.#counted.size > maxEpochs && oldest !== undefined) {
      const [name, last] = oldest;
      this.#counted.delete(name);
      for (const source of Object.keys(last) as Source[]) {
        this.#floor[source] = Math.max(this.#floor[source], last[source]);
      }
    }
    return counters;
  }
}
