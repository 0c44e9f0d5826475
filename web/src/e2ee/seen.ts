/**
 * What came on one line, and so whether a counter of an origin may be shown
 * there: once, and no older than the horizons say. The twin of Go's. Ask `fresh`
 * first, open the frame, and `take` only what proved to be authentic.
 */
import type { Origin } from "./keys";
import { Window } from "./window";

/** How far below the highest counter of its origin a frame may be, over all lines. */
export const horizon = 4096;
/** That of the first frame of an origin on a line: what is older was heard on another one, or kept back. */
export const firstHorizon = 256;
/** The origins that one line remembers at a time. */
export const maxWindows = 64;

/** An origin as far as lines share what was seen of it. */
type Counted = Pick<Origin, "highest">;

export class Seen {
  /** Oldest first. */
  readonly #windows = new Map<Counted, Window>();

  /** Whether a frame with this counter may be shown, if it proves to be authentic. */
  fresh(origin: Counted, ctr: number): boolean {
    const below = origin.highest - ctr;
    const window = this.#windows.get(origin);
    return window === undefined ? below <= firstHorizon : below <= horizon && window.fresh(ctr);
  }

  /** Notes that an authentic frame with this counter came. */
  take(origin: Counted, ctr: number): void {
    origin.highest = Math.max(origin.highest, ctr);
    const window = this.#windows.get(origin) ?? this.#remember(origin);
    window.take(ctr);
  }

  #remember(origin: Counted): Window {
    const [oldest] = this.#windows.keys();
    if (this.#windows.size >= maxWindows && oldest !== undefined) {
      this.#windows.delete(oldest);
    }
    const window = new Window();
    this.#windows.set(origin, window);
    return window;
  }
}
