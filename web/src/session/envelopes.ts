/**
 * Envelopes: what a participant says to the whole room, signed by its identity,
 * the same over every link. Owns numbering, signing, checking, and dropping
 * what was seen before.
 */
import type { Envelope } from "../protocol/codec";
import { type Bytes, fromBase64Url, toBase64Url, utf8 } from "./bytes";
import type { Identity } from "./identity";
import { publicKeyOf } from "./peerid";
import { Seen } from "./seen";

const context = "parley/1/envelope";

type Unsigned = Omit<Envelope, "sig">;

/** The bytes that the author signs; pkg/protocol's `Envelope.Signed` tells their form. */
export function signedBytes(envelope: Unsigned): Bytes {
  const parts: Uint8Array[] = [];
  const text = (value: string) => {
    const bytes = utf8(value);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    parts.push(length, bytes);
  };
  const number = (value: number) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
    parts.push(bytes);
  };
  text(context);
  text(envelope.meeting);
  text(envelope.from);
  number(envelope.session);
  number(envelope.seq);
  text(envelope.kind);
  text(envelope.body);
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export async function isSigned(envelope: Envelope): Promise<boolean> {
  const key = publicKeyOf(envelope.from);
  const signature = fromBase64Url(envelope.sig);
  if (key === undefined || signature === undefined) {
    return false;
  }
  try {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature, signedBytes(envelope));
  } catch {
    return false;
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
    const signature = await this.#identity.sign(signedBytes(unsigned));
    return { ...unsigned, sig: toBase64Url(signature) };
  }

  /** True for one of this meeting that is new here and signed by its author. */
  async admits(envelope: Envelope): Promise<boolean> {
    if (envelope.meeting !== this.#meeting || this.#seen.has(envelope)) {
      return false;
    }
    // Only a good one counts as seen: a forged copy must not keep the real one out.
    return (await isSigned(envelope)) && this.#seen.add(envelope);
  }
}
