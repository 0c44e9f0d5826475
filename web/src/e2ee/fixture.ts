/** People for tests: the same keys from the same number, every time. */
import type { Bytes } from "../protocol/bytes";
import type { Participant } from "../protocol/messages.gen";
import { peerIdOf } from "../protocol/peer-id";
import { checkCard, makeCard, type Session, type Signer } from "./card";
import { joined } from "./fields";
import type { MembershipKey } from "./membership";
import { SessionKey } from "./sessionkey";

export const meeting = "123-456-789";

export function bytesOf(of: number, length = 32): Bytes {
  return new Uint8Array(length).fill(of);
}

// PKCS #8 of an Ed25519 key, before its 32 bytes (RFC 8410 section 7).
const pkcs8 = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32);

export async function signerOf(seed: Bytes): Promise<Signer> {
  const der = joined(pkcs8, seed);
  const key = await crypto.subtle.importKey("pkcs8", der, "Ed25519", true, ["sign"]);
  const { x = "" } = await crypto.subtle.exportKey("jwk", key);
  const publicKey = Uint8Array.from(atob(x.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
    char.charCodeAt(0),
  );
  return {
    peerId: peerIdOf(publicKey),
    sign: async (message) => new Uint8Array(await crypto.subtle.sign("Ed25519", key, message)),
  };
}

export interface Person {
  readonly who: Signer;
  readonly key: SessionKey;
  readonly session: Session;
  readonly entry: Participant;
}

export interface PersonOptions {
  readonly of: number;
  readonly member?: MembershipKey | undefined;
  readonly host?: string;
  readonly at?: number;
  readonly key?: number;
}

/** A participant by number, with its checked card. */
export async function person(options: PersonOptions): Promise<Person> {
  const { of, member, at = 1_000, key: keyOf = of } = options;
  const who = await signerOf(bytesOf(of));
  const key = await SessionKey.of(bytesOf(100 + keyOf));
  const host = options.host ?? who.peerId;
  const card = await makeCard({ meeting, who, key, host, at, member });
  const session = await checkCard(meeting, who.peerId, card, member);
  if (session === undefined) {
    throw new Error("a good card was refused");
  }
  const entry: Participant = {
    id: who.peerId,
    n: of,
    session: 1,
    kind: "browser",
    role: "participant",
    via: "invitation",
    presence: { name: `P${of}`, mic: true, camera: true, screen: false, hand: false },
    card,
  };
  return { who, key, session, entry };
}

/** What a promise is refused for. */
export async function whyOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "taken";
  } catch (error) {
    return error instanceof Error && "why" in error ? String(error.why) : String(error);
  }
}
