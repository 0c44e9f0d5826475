/**
 * This browser's identity: an Ed25519 key whose private half WebCrypto keeps
 * and never gives out, stored in IndexedDB so that a reload is the same person.
 * Owns signing; its peer ID is this participant's name on the wire.
 */
import { createStore, get, update } from "idb-keyval";
import { type Bytes, toBase64Url, utf8 } from "../protocol/bytes";
import { peerIdOf } from "../protocol/peer-id";

const algorithm = { name: "Ed25519" } as const;
const lifetimeSeconds = 3600;
const renewBeforeSeconds = 600;

export class Identity {
  readonly peerId: string;
  readonly #key: CryptoKey;
  #bearer: { readonly audience: string; readonly text: string; readonly at: number } | undefined;

  constructor(key: CryptoKey, publicKey: Uint8Array) {
    this.#key = key;
    this.peerId = peerIdOf(publicKey);
  }

  async sign(message: Bytes): Promise<Bytes> {
    return new Uint8Array(await crypto.subtle.sign(algorithm, this.#key, message));
  }

  /**
   * A bearer token for a rendezvous (RFC 8037), kept until shortly before it
   * ends. `now` is the rendezvous' time in milliseconds since 1970.
   */
  async bearer(audience: string, now: number): Promise<string> {
    const seconds = Math.floor(now / 1000);
    const kept = this.#bearer;
    const age = seconds - (kept?.at ?? 0);
    if (kept?.audience === audience && age >= 0 && age < lifetimeSeconds - renewBeforeSeconds) {
      return kept.text;
    }
    const claims = {
      aud: audience,
      exp: seconds + lifetimeSeconds,
      iat: seconds,
      sub: this.peerId,
    };
    const parts = [{ alg: "EdDSA", typ: "JWT" }, claims];
    const body = parts.map((part) => toBase64Url(utf8(JSON.stringify(part)))).join(".");
    const text = `${body}.${toBase64Url(await this.sign(utf8(body)))}`;
    this.#bearer = { audience, text, at: seconds };
    return text;
  }
}

interface Stored {
  readonly privateKey: CryptoKey;
  readonly publicKey: Bytes;
}

/**
 * The stored identity, made on the first visit. Where IndexedDB is not to be
 * had (some private windows), it lives as long as the page.
 */
export async function loadIdentity(): Promise<Identity> {
  const stored = await storedKey().catch(generate);
  return new Identity(stored.privateKey, stored.publicKey);
}

async function storedKey(): Promise<Stored> {
  const store = createStore("parley", "identity");
  const before = await get<Stored>("ed25519", store);
  if (before !== undefined) {
    return before;
  }
  const made = await generate();
  let kept = made;
  // Two tabs opened at once must end with one key: the first one written stays.
  await update<Stored>("ed25519", (current) => (kept = current ?? made), store);
  return kept;
}

async function generate(): Promise<Stored> {
  const pair = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { privateKey: pair.privateKey, publicKey };
}
