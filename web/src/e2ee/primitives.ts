/** SHA-256, HMAC, HKDF-Expand, AES-256-GCM and Ed25519 as this folder uses them, all by WebCrypto. */
import type { Bytes } from "../protocol/bytes";
import { joined, u64 } from "./fields";

/** Bytes of every key, digest and fingerprint here. */
export const keySize = 32;
/** Bytes that AES-GCM adds. */
export const tagSize = 16;

const hmacSha256 = { name: "HMAC", hash: "SHA-256" } as const;

export async function sha256(message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", message));
}

/** A key for `hmac`, `isMac` and `expand`; WebCrypto does not give it out again. */
export function macKey(key: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, hmacSha256, false, ["sign", "verify"]);
}

export async function hmac(key: CryptoKey, message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
}

/** In constant time. */
export function isMac(key: CryptoKey, mac: Bytes, message: Bytes): Promise<boolean> {
  return crypto.subtle.verify("HMAC", key, mac, message);
}

/** The 32 bytes of HKDF-Expand (RFC 5869 section 2.3): one block, so one HMAC. */
export function expand(key: CryptoKey, info: Bytes): Promise<Bytes> {
  return hmac(key, joined(info, Uint8Array.of(1)));
}

/** The 32 bytes of HKDF with an empty salt. */
export async function hkdf(secret: Bytes, info: Bytes): Promise<Bytes> {
  return expand(await macKey(await hmac(await macKey(new Uint8Array(keySize)), secret)), info);
}

/** A key for `seal` and `open`. */
export function sealingKey(key: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** AES-256-GCM; the nonce is four zero bytes and the counter, which no key sees twice. */
export async function seal(
  key: CryptoKey,
  counter: number,
  additionalData: Bytes,
  plaintext: Bytes,
): Promise<Bytes> {
  const algorithm = { name: "AES-GCM", iv: nonce(counter), additionalData };
  return new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plaintext));
}

/** Undefined for what was not sealed so. */
export async function open(
  key: CryptoKey,
  counter: number,
  additionalData: Bytes,
  ciphertext: Bytes,
): Promise<Bytes | undefined> {
  const algorithm = { name: "AES-GCM", iv: nonce(counter), additionalData };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, ciphertext));
  } catch {
    return undefined;
  }
}

const nonce = (counter: number): Bytes => joined(new Uint8Array(4), u64(counter));

/** Whether the Ed25519 key's owner signed the message; false for no point of the curve. */
export async function isSignature(
  publicKey: Bytes,
  signature: Bytes,
  message: Bytes,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch {
    return false;
  }
}
