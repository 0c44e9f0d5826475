/** The chat envelopes that are handed to who comes later, as their authors signed them. Pure but for its own memory. */
import type { Envelope } from "../protocol/codec";

/** protocol.MaxHistory */
const maxEnvelopes = 200;
/** Of one message, in UTF-16 units of JSON: under protocol.MaxFrame with three bytes each. */
const partLength = 20_000;

interface Kept {
  readonly envelope: Envelope;
  readonly at: number;
  readonly length: number;
}

export class History {
  #kept: readonly Kept[] = [];

  add(envelope: Envelope, at: number): void {
    const length = JSON.stringify(envelope).length;
    const after = this.#kept.findLastIndex((kept) => kept.at <= at) + 1;
    const next = [...this.#kept];
    next.splice(after, 0, { envelope, at, length });
    this.#kept = next.slice(-maxEnvelopes);
  }

  /** Oldest first, in parts that each fit one message. */
  parts(): Envelope[][] {
    const parts: Envelope[][] = [];
    let room = 0;
    for (const { envelope, length } of this.#kept) {
      const part = parts.at(-1);
      if (part === undefined || length > room) {
        parts.push([envelope]);
        room = partLength - length;
      } else {
        part.push(envelope);
        room -= length;
      }
    }
    return parts;
  }
}
