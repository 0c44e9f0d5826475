/**
 * Envelopes: what a participant says to the whole room, signed by its identity,
 * the same over every link. Owns numbering, signing, checking, and dropping
 * what was seen before.
 */
import { isSignature } from "../e2ee/primitives";
import type { Envelope } from "../protocol/codec";
import { isSigned, signEnvelope, type Unsigned } from "../protocol/envelope";
import type { Identity } from "./identity";
import { Seen } from "./seen";

export class Envelopes {
  readonly #meeting: string;
  readonly #identity: Identity;
  readonly #forged: (from: string) => void;
  readonly #seen = new Seen();
  #seq = 0;

  /** `forged` is told whom an envelope claimed to be of that its author did not sign. */
  constructor(meeting: string, identity: Identity, forged: (from: string) => void) {
    this.#meeting = meeting;
    this.#identity = identity;
    this.#forged = forged;
  }

  /** The number of the next envelope; no two of a stay have the same. */
  next(): number {
    this.#seq++;
    return this.#seq;
  }

  /** One whose body is open to who carries it. */
  make(session: number, kind: "directive" | "capacity", body: unknown): Promise<Envelope> {
    return this.write(session, kind, async () => JSON.stringify(body));
  }

  /** One whose body depends on its number. */
  async write(
    session: number,
    kind: Envelope["kind"],
    body: (seq: number) => Promise<string>,
  ): Promise<Envelope> {
    const seq = this.next();
    const head = { meeting: this.#meeting, from: this.#identity.peerId, session, seq, kind };
    this.#seen.add(head);
    const unsigned: Unsigned = { ...head, body: await body(seq) };
    return signEnvelope(unsigned, (message) => this.#identity.sign(message));
  }

  /** True for one of this meeting that is new here and signed by its author. */
  async admits(envelope: Envelope): Promise<boolean> {
    if (envelope.meeting !== this.#meeting || this.#seen.has(envelope)) {
      return false;
    }
    if (!(await isSigned(envelope, isSignature))) {
      // Not counted as seen: a forged copy must not keep the real one out.
      this.#forged(envelope.from);
      return false;
    }
    return this.#seen.add(envelope);
  }
}
