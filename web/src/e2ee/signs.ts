/**
 * When something of a stream came, in memory that the page and the worker share.
 * The page looks many times a second, and to ask the connection each time would
 * hold it up; besides, that tells of what was played, which may be long after it came.
 * Times are milliseconds since 1970, 0 for never.
 */

/** What the worker gets of it. */
export interface SharedSigns {
  readonly memory: SharedArrayBuffer;
  /** Time zero of what is kept in it. */
  readonly origin: number;
}

const arrived = 0;
const opened = 1;
const loudness = 2;
const places = 3;

/** A level is kept as a whole number, 0 for none that is known. */
const full = 1_000_000;

export class Signs {
  readonly shared: SharedSigns;
  readonly #places: Int32Array<SharedArrayBuffer>;

  constructor(shared: SharedSigns) {
    this.shared = shared;
    this.#places = new Int32Array(shared.memory);
  }

  /** Undefined where a page may share no memory. */
  static create(): Signs | undefined {
    if (typeof SharedArrayBuffer !== "function") {
      return undefined;
    }
    const memory = new SharedArrayBuffer(places * Int32Array.BYTES_PER_ELEMENT);
    return new Signs({ memory, origin: performance.timeOrigin });
  }

  /** A frame came. `level` is how loud it is, 0…1 of full scale, where that is known. */
  arrive(level: number | undefined): void {
    Atomics.store(this.#places, arrived, this.#now());
    Atomics.store(this.#places, loudness, level === undefined ? 0 : 1 + Math.round(level * full));
  }

  /** A frame was handed on to the decoder. */
  open(): void {
    Atomics.store(this.#places, opened, this.#now());
  }

  get arrivedAt(): number {
    return this.#time(arrived);
  }
  get openedAt(): number {
    return this.#time(opened);
  }
  /** How loud the last frame is, 0…1 of full scale; undefined where that is not known. */
  get level(): number | undefined {
    const kept = Atomics.load(this.#places, loudness);
    return kept === 0 ? undefined : (kept - 1) / full;
  }

  /** At least 1: 0 is never. Rounded up: what came after something else is not told as before it. */
  #now(): number {
    return Math.max(1, Math.ceil(performance.timeOrigin + performance.now() - this.shared.origin));
  }

  #time(place: number): number {
    const at = Atomics.load(this.#places, place);
    return at === 0 ? 0 : this.shared.origin + at;
  }
}
