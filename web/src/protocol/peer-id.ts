/**
 * Peer IDs: libp2p's text form of an Ed25519 public key, base58btc of
 * `00 24 08 01 12 20` and the key's 32 bytes. The twin of pkg/identity's PeerID.
 */
import type { Bytes } from "./bytes";

const prefix = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];
const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const keyLength = 32;
const textLength = 52;

/** The name of a public key; throws a RangeError for anything but 32 bytes. */
export function peerIdOf(publicKey: Uint8Array): string {
  if (publicKey.length !== keyLength) {
    throw new RangeError("an Ed25519 public key has 32 bytes");
  }
  let value = 0n;
  for (const byte of [...prefix, ...publicKey]) {
    value = value * 256n + BigInt(byte);
  }
  let text = "";
  for (; value > 0n; value /= 58n) {
    text = (alphabet[Number(value % 58n)] ?? "") + text;
  }
  return `1${text}`; // the one leading zero byte
}

/** The key that a peer ID contains; undefined for anything but the canonical form. */
export function publicKeyOf(peerId: string): Bytes | undefined {
  if (peerId.length !== textLength || peerId[0] !== "1" || peerId[1] === "1") {
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
  const fits = value === 0n && prefix.every((byte, i) => bytes[i] === byte);
  return fits ? bytes.slice(prefix.length) : undefined;
}
