import { type Bytes, utf8 } from "../protocol/bytes";
import { type Aead, ctrHmac, ctrKeySize, gcm } from "./aead";
import { joined, u64 } from "./fields";

/**
 * SFrame (RFC 9605), the twin of Go's pkg/sframe: the same headers, keys and
 * frames for every cipher suite, by WebCrypto. Key IDs and counters are whole
 * numbers up to 2^53 - 1; the RFC's larger ones are refused.
 */

/** A cipher suite by its number in the IANA registry (section 8.1). */
export const Suite = {
  AES128CTRHMAC80: 1,
  AES128CTRHMAC64: 2,
  AES128CTRHMAC32: 3,
  AES128GCM: 4,
  AES256GCM: 5,
} as const;

export type Suite = (typeof Suite)[keyof typeof Suite];

/** A sealed frame taken apart. `raw` and `body` share the frame's memory. */
export interface Header {
  /** Which key. */
  readonly kid: number;
  /** Which frame under that key. */
  readonly ctr: number;
  /** The header's bytes, which are authenticated as they came. */
  readonly raw: Bytes;
  /** Ciphertext and tag. */
  readonly body: Bytes;
}

// The config byte (section 4.3): twice a flag and three bits, which are the
// number itself, or one less than the length of the number that follows.
const extended = 0b1000;
const inline = 0b0111;

/**
 * The header that `frame` begins with; undefined for what is not the one
 * encoding of its numbers (section 4.3), is cut short, or counts past 2^53 - 1.
 */
export function parseHeader(frame: Bytes): Header | undefined {
  const config = frame[0];
  if (config === undefined) {
    return undefined;
  }
  const afterKid = 1 + following(config >> 4);
  const end = afterKid + following(config & 0x0f);
  if (frame.length < end) {
    return undefined;
  }
  const kid = parseNumber(config >> 4, frame.subarray(1, afterKid));
  const ctr = parseNumber(config & 0x0f, frame.subarray(afterKid, end));
  if (kid === undefined || ctr === undefined) {
    return undefined;
  }
  return { kid, ctr, raw: frame.subarray(0, end), body: frame.subarray(end) };
}

/** How many bytes follow for the number that half of the config byte announces. */
function following(half: number): number {
  return (half & extended) === 0 ? 0 : (half & inline) + 1;
}

function parseNumber(half: number, bytes: Bytes): number | undefined {
  if ((half & extended) === 0) {
    return half;
  }
  const n = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const minimal = n > inline && byteLength(n) === bytes.length;
  return minimal && Number.isSafeInteger(n) ? n : undefined;
}

/** The header of a frame: 1 to 15 bytes. */
export function encodeHeader(kid: number, ctr: number): Bytes {
  const header = new Uint8Array(1 + following(half(kid)) + following(half(ctr)));
  header[0] = (half(kid) << 4) | half(ctr);
  writeNumber(header.subarray(1, 1 + following(half(kid))), kid);
  writeNumber(header.subarray(1 + following(half(kid))), ctr);
  return header;
}

function half(n: number): number {
  return n <= inline ? n : extended | (byteLength(n) - 1);
}

function byteLength(n: number): number {
  let length = 0;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 256)) {
    length++;
  }
  return length;
}

/** Writes the lowest bytes of `n`, as many as there is room for, big-endian. */
function writeNumber(into: Bytes, n: number): void {
  let rest = n;
  for (let i = into.length - 1; i >= 0; i--) {
    into[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

const nonceSize = 12; // Nn, of every suite
const minBaseKey = 16;
const nothing: Bytes = new Uint8Array(0);

/** What section 4.5 lays down for a suite: its hash, and in bytes Nk and Nt. */
interface Constants {
  readonly hash: "SHA-256" | "SHA-512";
  readonly keySize: number;
  readonly tagSize: number;
  readonly cipher: (key: Bytes, tagSize: number) => Promise<Aead>;
}

const constants: Readonly<Record<Suite, Constants>> = {
  1: { hash: "SHA-256", keySize: ctrKeySize, tagSize: 10, cipher: ctrHmac },
  2: { hash: "SHA-256", keySize: ctrKeySize, tagSize: 8, cipher: ctrHmac },
  3: { hash: "SHA-256", keySize: ctrKeySize, tagSize: 4, cipher: ctrHmac },
  4: { hash: "SHA-256", keySize: 16, tagSize: 16, cipher: gcm },
  5: { hash: "SHA-512", keySize: 32, tagSize: 16, cipher: gcm },
};

/**
 * Seals or opens the frames of one key ID. Its secrets are non-extractable keys.
 * The metadata is authenticated and not hidden: it is how the frame begins, and
 * goes in front of the SFrame.
 */
export class Key {
  readonly kid: number;
  readonly #salt: Bytes;
  readonly #aead: Aead;

  private constructor(kid: number, salt: Bytes, aead: Aead) {
    this.kid = kid;
    this.#salt = salt;
    this.#aead = aead;
  }

  /**
   * Derives the key and the salt of one key ID from a base key of at least 16
   * bytes (section 4.4.2), which is not kept.
   */
  static async of(suite: Suite, baseKey: Bytes, kid: number): Promise<Key> {
    if (baseKey.length < minBaseKey || !Number.isSafeInteger(kid) || kid < 0) {
      throw new RangeError("sframe: a base key has at least 16 bytes, a key ID at most 53 bits");
    }
    const { hash, keySize, tagSize, cipher } = constants[suite];
    const secret = await crypto.subtle.importKey("raw", baseKey, "HKDF", false, ["deriveBits"]);
    const derive = async (what: "key" | "salt", size: number) => {
      const info = joined(utf8(`SFrame 1.0 Secret ${what} `), u64(kid), Uint8Array.of(0, suite));
      const how = { name: "HKDF", hash, salt: nothing, info };
      return new Uint8Array(await crypto.subtle.deriveBits(how, secret, size * 8));
    };
    const [key, salt] = await Promise.all([derive("key", keySize), derive("salt", nonceSize)]);
    const aead = await cipher(key, tagSize);
    key.fill(0);
    return new Key(kid, salt, aead);
  }

  /**
   * The metadata as it is, then header, ciphertext and tag. A counter must never
   * be given twice, whatever the plaintext.
   */
  async seal(ctr: number, metadata: Bytes, plaintext: Bytes): Promise<Bytes> {
    const header = encodeHeader(this.kid, ctr);
    const aad = joined(header, metadata);
    const sealed = await this.#aead.seal(this.#nonce(ctr), plaintext, aad);
    return joined(metadata, header, ...sealed);
  }

  /** The metadata and the plaintext behind it; undefined when they are not authentic under this key. */
  async open({ kid, ctr, raw, body }: Header, metadata: Bytes): Promise<Bytes | undefined> {
    if (kid !== this.kid) {
      return undefined;
    }
    const aad = joined(raw, metadata);
    const plaintext = await this.#aead.open(this.#nonce(ctr), body, aad);
    return plaintext && joined(metadata, plaintext);
  }

  /** The salt XOR the counter (section 4.4.3). */
  #nonce(ctr: number): Bytes {
    const nonce = new Uint8Array(nonceSize);
    writeNumber(nonce, ctr);
    return nonce.map((byte, i) => byte ^ (this.#salt[i] ?? 0));
  }
}
