/**
 * The membership key: all that an invitation's secret gives. Who has it proves
 * with it that it came by invitation; it encrypts nothing.
 */
import { type Bytes, fromBase64Url, toBase64Url } from "../protocol/bytes";
import { showMeetingId } from "../protocol/meeting";
import { joined, same, text } from "./fields";
import { hkdf, hmac, isMac, keySize, macKey } from "./primitives";

export class MembershipKey {
  readonly #bytes: Bytes;
  readonly #key: CryptoKey;

  private constructor(bytes: Bytes, key: CryptoKey) {
    this.#bytes = bytes;
    this.#key = key;
  }

  /** Of an invitation's secret, as it stands behind `#`; undefined when that is none. */
  static async ofSecret(secret: string, meeting: string): Promise<MembershipKey | undefined> {
    const bytes = fromBase64Url(secret);
    if (bytes?.length !== keySize) {
      return undefined;
    }
    const info = joined(text("parley/1/membership"), text(showMeetingId(meeting)));
    return MembershipKey.of(toBase64Url(await hkdf(bytes, info)));
  }

  /** As a grant carries it; undefined for what is not 32 bytes in base64url. */
  static async of(granted: string): Promise<MembershipKey | undefined> {
    const bytes = fromBase64Url(granted);
    return bytes?.length === keySize ? new MembershipKey(bytes, await macKey(bytes)) : undefined;
  }

  /** For a grant, from the host to those who came by invitation, and to nobody else. */
  granted(): string {
    return toBase64Url(this.#bytes);
  }

  equals(other: MembershipKey): boolean {
    return same(this.#bytes, other.#bytes);
  }

  /** The proof for a card: of identity `id` with the session key `key`, in base64url. */
  async prove(meeting: string, id: string, key: string): Promise<string> {
    return toBase64Url(await hmac(this.#key, proved(meeting, id, key)));
  }

  async isProof(proof: string, meeting: string, id: string, key: string): Promise<boolean> {
    const mac = fromBase64Url(proof);
    return mac !== undefined && isMac(this.#key, mac, proved(meeting, id, key));
  }
}

function proved(meeting: string, id: string, key: string): Bytes {
  return joined(text("parley/1/proof"), text(showMeetingId(meeting)), text(id), text(key));
}
