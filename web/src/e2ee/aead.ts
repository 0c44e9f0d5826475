import type { Bytes } from "../protocol/bytes";
import { joined, u64 } from "./fields";

/** The two ciphers of SFrame's suites (RFC 9605, section 4.5), by WebCrypto. */

/**
 * Authenticated encryption. What `seal` gives is ciphertext and tag, in one
 * piece or two; `open` gives undefined for what is not authentic.
 */
export interface Aead {
  seal(nonce: Bytes, plaintext: Bytes, aad: Bytes): Promise<readonly Bytes[]>;
  open(nonce: Bytes, sealed: Bytes, aad: Bytes): Promise<Bytes | undefined>;
}

const ctrCipherKeySize = 16; // Nka

/** Nk of the suites with {@link ctrHmac}: Nka + Nh. */
export const ctrKeySize = ctrCipherKeySize + 32;

/** AES-GCM; the key is of 16 or 32 bytes. */
export async function gcm(key: Bytes, tagSize: number): Promise<Aead> {
  const secret = await crypto.subtle.importKey("raw", key, "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  const how = (iv: Bytes, additionalData: Bytes) => ({
    name: "AES-GCM",
    iv,
    additionalData,
    tagLength: tagSize * 8,
  });
  return {
    async seal(nonce, plaintext, aad) {
      return [new Uint8Array(await crypto.subtle.encrypt(how(nonce, aad), secret, plaintext))];
    },
    async open(nonce, sealed, aad) {
      try {
        return new Uint8Array(await crypto.subtle.decrypt(how(nonce, aad), secret, sealed));
      } catch {
        return undefined; // WebCrypto tells no more than that it failed
      }
    },
  };
}

/** AES in counter mode with a truncated HMAC (section 4.5.1). */
export async function ctrHmac(key: Bytes, tagSize: number): Promise<Aead> {
  const [secret, authKey] = await Promise.all([
    crypto.subtle.importKey("raw", key.slice(0, ctrCipherKeySize), "AES-CTR", false, ["encrypt"]),
    crypto.subtle.importKey(
      "raw",
      key.slice(ctrCipherKeySize),
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    ),
  ]);
  // Counter mode is its own inverse.
  const crypt = async (nonce: Bytes, data: Bytes) => {
    const counter = new Uint8Array(16);
    counter.set(nonce);
    const how = { name: "AES-CTR", counter, length: 32 };
    return new Uint8Array(await crypto.subtle.encrypt(how, secret, data));
  };
  const tag = async (nonce: Bytes, aad: Bytes, ciphertext: Bytes) => {
    const lengths = [aad.length, ciphertext.length, tagSize].map((n) => u64(n));
    const mac = await crypto.subtle.sign(
      "HMAC",
      authKey,
      joined(...lengths, nonce, aad, ciphertext),
    );
    return new Uint8Array(mac, 0, tagSize);
  };
  return {
    async seal(nonce, plaintext, aad) {
      const ciphertext = await crypt(nonce, plaintext);
      return [ciphertext, await tag(nonce, aad, ciphertext)];
    },
    async open(nonce, sealed, aad) {
      const length = sealed.length - tagSize;
      if (length < 0) {
        return undefined;
      }
      const ciphertext = sealed.subarray(0, length);
      const good = isSame(await tag(nonce, aad, ciphertext), sealed.subarray(length));
      return good ? crypt(nonce, ciphertext) : undefined;
    },
  };
}

/** Compares without telling by its time where two tags of one length differ. */
function isSame(a: Bytes, b: Bytes): boolean {
  return a.reduce((different, byte, i) => different | (byte ^ (b[i] ?? 0)), 0) === 0;
}
