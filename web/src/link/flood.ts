/** How much a peer may say: a bucket that fills by time. Pure but for its own level. */

export class Bucket {
  #level: number;
  #at: number | undefined;
  readonly #size: number;
  readonly #perSecond: number;

  constructor(size: number, perSecond: number) {
    this.#size = size;
    this.#perSecond = perSecond;
    this.#level = size;
  }

  /** False when there is not enough left; then nothing is taken. */
  take(now: number, cost = 1): boolean {
    const passed = Math.max(0, now - (this.#at ?? now)) / 1000;
    this.#at = now;
    this.#level = Math.min(this.#size, this.#level + passed * this.#perSecond);
    if (cost > this.#level) {
      return false;
    }
    this.#level -= cost;
    return true;
  }
}
