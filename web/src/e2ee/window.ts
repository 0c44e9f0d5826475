/** How far behind the highest counter a late frame is still told from a repeated one. */
export const windowSize = 1024;

/**
 * A replay window (RFC 9605, section 9.3), the twin of Go's: which of the last
 * {@link windowSize} counters of one stream were taken. Counters are whole
 * numbers from 0. Ask `fresh` first, open the frame, and `take` only what proved
 * to be authentic: otherwise anybody could push the window on.
 */
export class Window {
  readonly #taken = new Uint32Array(windowSize / 32);
  #highest = -1;

  /** Whether `ctr` was not taken yet, and is not too old to know. */
  fresh(ctr: number): boolean {
    if (ctr > this.#highest) {
      return true;
    }
    return this.#highest - ctr < windowSize && (this.#word(ctr) & bit(ctr)) === 0;
  }

  take(ctr: number): void {
    if (this.#highest - ctr >= windowSize) {
      return;
    }
    if (ctr - this.#highest >= windowSize) {
      this.#taken.fill(0);
    } else {
      for (let passed = this.#highest + 1; passed < ctr; passed++) {
        this.#taken[place(passed)] = this.#word(passed) & ~bit(passed);
      }
    }
    this.#highest = Math.max(this.#highest, ctr);
    this.#taken[place(ctr)] = this.#word(ctr) | bit(ctr);
  }

  #word(ctr: number): number {
    return this.#taken[place(ctr)] ?? 0;
  }
}

function place(ctr: number): number {
  return (ctr % windowSize) >>> 5;
}

function bit(ctr: number): number {
  return 1 << (ctr % 32);
}
