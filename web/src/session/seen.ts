/**
 * Which envelopes have been seen, by author, session and number. Bounded: per
 * session a window below the highest number, and a limited number of sessions.
 * Pure but for its own memory.
 */

interface Name {
  readonly from: string;
  readonly session: number;
  readonly seq: number;
}

/** A history is handed on whole: what is older than it cannot come any more. */
const windowSize = 1024;
const maxSessions = 2048;

interface Window {
  highest: number;
  readonly seqs: Set<number>;
}

export class Seen {
  readonly #sessions = new Map<string, Window>();

  has({ from, session, seq }: Name): boolean {
    const window = this.#sessions.get(`${from}/${session}`);
    return window !== undefined && (seq <= window.highest - windowSize || window.seqs.has(seq));
  }

  /** False when it was there already. */
  add(name: Name): boolean {
    if (this.has(name)) {
      return false;
    }
    const key = `${name.from}/${name.session}`;
    const window = this.#sessions.get(key) ?? { highest: 0, seqs: new Set() };
    // Moved to the end: the session that was silent longest is forgotten first.
    this.#sessions.delete(key);
    this.#sessions.set(key, window);
    window.seqs.add(name.seq);
    window.highest = Math.max(window.highest, name.seq);
    if (window.seqs.size > windowSize) {
      for (const seq of window.seqs) {
        if (seq <= window.highest - windowSize) {
          window.seqs.delete(seq);
        }
      }
    }
    if (this.#sessions.size > maxSessions) {
      const [oldest] = this.#sessions.keys();
      this.#sessions.delete(oldest ?? "");
    }
    return true;
  }
}
