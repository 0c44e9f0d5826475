/** A session's key pair: new with every page load, its private half in memory alone. */
import { type Bytes, toBase64Url } from "../protocol/bytes";
import { type Encapsulated, type Hpke, type KeyPair, loadHpke } from "./hpke";

export class SessionKey {
  /** The public half as a card shows it. */
  readonly publicKey: string;
  readonly #hpke: Hpke;
  readonly #pair: KeyPair;
  #broadcasts = 0;

  private constructor(hpke: Hpke, pair: KeyPair) {
    this.#hpke = hpke;
    this.#pair = pair;
    this.publicKey = toBase64Url(pair.publicKey);
  }

  /** Of 32 random bytes that are used for nothing else. */
  static async of(seed: Bytes): Promise<SessionKey> {
    const hpke = await loadHpke();
    return new SessionKey(hpke, await hpke.keyPair(seed));
  }

  /** A new shared key with the owner of `publicKey`. Rejects for what is no public key. */
  encapsulate(publicKey: Bytes, info: Bytes): Promise<Encapsulated> {
    return this.#hpke.encapsulate(publicKey, info);
  }

  /**
   * The number of the next box for everybody, from 1. It is kept here because the
   * keys of these follow from this one: whoever seals with it goes on counting.
   */
  nextBroadcast(): number {
    this.#broadcasts++;
    return this.#broadcasts;
  }

  /** The shared key that somebody else encapsulated to this one. */
  decapsulate(enc: Bytes, info: Bytes): Promise<Bytes> {
    return this.#hpke.decapsulate(this.#pair.privateKey, enc, info);
  }
}
