/** Whom to ask for the chat of before, and how often to answer who asks. */
import { Bucket } from "../link/flood";

/** One may be a newcomer too; two that both are is rare. */
const enough = 2;
const maxPeers = 1000;

export class Newcomer {
  readonly #opened = new Set<string>();
  readonly #answers = new Map<string, Bucket>();

  /** A link opened: true when its peer is to be asked. */
  asks(peer: string): boolean {
    // A link that opens again was away: something may have been said meanwhile.
    const again = this.#opened.has(peer);
    this.#opened.add(peer);
    return again || this.#opened.size <= enough;
  }

  /** False for who asks more often than links come back. */
  answers(peer: string, now: number): boolean {
    const bucket = this.#answers.get(peer) ?? new Bucket(3, 0.1);
    if (!this.#answers.has(peer) && this.#answers.size >= maxPeers) {
      return false;
    }
    this.#answers.set(peer, bucket);
    return bucket.take(now);
  }
}
