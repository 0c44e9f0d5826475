/** Signing and checking envelopes: the twin of pkg/protocol's Envelope. The caller brings Ed25519. */
import { type Bytes, fromBase64Url, toBase64Url, utf8 } from "./bytes";
import { showMeetingId } from "./meeting";
import type { Envelope } from "./messages.gen";
import { publicKeyOf } from "./peer-id";

export type Unsigned = Omit<Envelope, "sig">;

/** The 64-byte Ed25519 signature (RFC 8032) of a message. */
export type Sign = (message: Bytes) => Promise<Uint8Array>;

/** Whether the key's owner signed the message. */
export type Verify = (publicKey: Bytes, signature: Bytes, message: Bytes) => Promise<boolean>;

const context = "parley/1/envelope";

/** What the author signs: each text after its length in four bytes, each number in eight, big endian. */
export function signedBytes(envelope: Unsigned): Bytes {
  const head = [context, showMeetingId(envelope.meeting), envelope.from].map(utf8);
  const tail = [envelope.kind, envelope.body].map(utf8);
  const size = [...head, ...tail].reduce((sum, part) => sum + 4 + part.length, 16);
  const all = new Uint8Array(size);
  const view = new DataView(all.buffer);
  let at = 0;
  const text = (bytes: Bytes) => {
    view.setUint32(at, bytes.length);
    all.set(bytes, at + 4);
    at += 4 + bytes.length;
  };
  head.forEach(text);
  view.setBigUint64(at, BigInt(envelope.session));
  view.setBigUint64(at + 8, BigInt(envelope.seq));
  at += 16;
  tail.forEach(text);
  return all;
}

/** The envelope with its author's signature; `from` is the author's peer ID already. */
export async function signEnvelope(envelope: Unsigned, sign: Sign): Promise<Envelope> {
  return { ...envelope, sig: toBase64Url(await sign(signedBytes(envelope))) };
}

/** Whether the author named in `from` signed it. */
export async function isSigned(envelope: Envelope, verify: Verify): Promise<boolean> {
  const key = publicKeyOf(envelope.from);
  const signature = fromBase64Url(envelope.sig);
  return (
    key !== undefined && signature !== undefined && verify(key, signature, signedBytes(envelope))
  );
}
