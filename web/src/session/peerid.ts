/**
 * Peer IDs: libp2p's text form of an Ed25519 public key, base58btc of
 * `00 24 08 01 12 20` and the key's 32 bytes. The twin of pkg/identity's PeerID.
 */
import type { Bytes } from "./bytes";

const prefix = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];
const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const keyLength = 32;
const textLength = 52;

export function peerIdOf(publicKey: Uint8Array): string {
  if (publicKey.length !== keyLength) {
    throw new RangeError("an Ed25519 public key has 32 bytes");
  }
  const bytes = [...prefix, ...publicKey];
  let value = 0n;
  for (const byte of bytes) {
    value = value * 256n + BigInt(byte);
  }
  let text = "";
  for (; value > 0n; value /= 58n) {
    text = (alphabet[Number(value % 58n)] ?? "") + text;
  }
  return `1${text}`; // one leading zero byte, always
}

/** The key that a peer ID contains; undefined for anything but the canonical form. */
export function publicKeyOf(peerId: string): Bytes | undefined {
  if (peerId.length !== textLength) {
    return undefined;
  }
  let value = 0n;
  for (const char of peerId) {
    const digit = alphabet.indexOf(char);
    if (digit < 0) {
      return undefined;
    }
    value = value * 58n + BigInt(digit);
  }
  const bytes = new Uint8Array(prefix.length + keyLength);
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(value & 255n);
    value >>= 8n;
  }
  if (value !== 0n || prefix.some((byte, i) => bytes[i] !== byte)) {
    return undefined;
  }
  const key = bytes.slice(prefix.length);
  return peerIdOf(key) === peerId ? key : undefined;
}

/** `12D3…dN5eh`: enough to tell two people apart on a screen. */
export function shortPeerId(peerId: string): string {
  return `${peerId.slice(0, 4)}…${peerId.slice(-5)}`;
}
