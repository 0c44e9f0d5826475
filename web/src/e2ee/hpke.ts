/** HPKE with X-Wing, loaded when the first key is made: the landing page does without. */
import type { Bytes } from "../protocol/bytes";

export interface KeyPair {
  /** 1216 bytes. */
  readonly publicKey: Bytes;
  readonly privateKey: CryptoKey;
}

export interface Encapsulated {
  /** 1120 bytes, for the receiver. */
  readonly enc: Bytes;
  /** The 32 bytes that sender and receiver now share. */
  readonly key: Bytes;
}

export interface Hpke {
  /** The pair that a seed of 32 bytes gives, always the same. */
  keyPair(seed: Bytes): Promise<KeyPair>;
  /** Rejects for what is no public key. */
  encapsulate(publicKey: Bytes, info: Bytes): Promise<Encapsulated>;
  /** Of any 1120 bytes: what was not made for this key gives a key that opens nothing. */
  decapsulate(privateKey: CryptoKey, enc: Bytes, info: Bytes): Promise<Bytes>;
}

/** Bytes of an encapsulation. */
export const encSize = 1120;

export function loadHpke(): Promise<Hpke> {
  return import("./xwing");
}
