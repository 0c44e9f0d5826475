/**
 * Envelopes: what a participant says to the whole room, signed by its identity,
 * the same over every link. Owns numbering, signing, checking, and dropping
 * what was seen before.
 */
import type { Bytes } from "../protocol/bytes";
import type { Envelope } from "../protocol/codec";
import { isSigned, signEnvelope, type Unsigned } from "../protocol/envelope";
import type { Identity } from "./identity";
import { Seen } from "./seen";

async function verify(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch {
    return false; // no point of the curve
  }
}

export class Envelopes {
  readonly #meeting: string;
  readonly #identity: Identity;
  readonly #seen = new Seen();
  #seq = 0;

  constructor(meeting: string, identity: Identity) {
    this.#meeting = meeting;
    this.#identity = identity;
  }

  async make(session: number, kind: Envelope["kind"], body: unknown): Promise<Envelope> {
    this.#seq++;
    const unsigned: Unsigned = {
      meeting: this.#meeting,
      from: this.#identity.peerId,
      session,
      seq: this.#seq,
      kind,
      body: JSON.stringify(body),
    };
    this.#seen.add(unsigned);
    return signEnvelope(unsigned, (message) => this.#identity.sign(message));
  }

  /** True for one of this meeting that is new here and signed by its author. */
  async admits(envelope: Envelope): Promise<boolean> {
    if (envelope.meeting !== this.#meeting || this.#seen.has(envelope)) {
      return false;
    }
    // Only a good one counts as seen: a forged copy must not keep the real one out.
    return (await isSigned(envelope, verify)) && this.#seen.add(envelope);
  }
}
