/**
 * Cards: a session's public key, signed by the participant's identity, with the
 * proof of membership of who has the invitation. Owns making and checking one;
 * whom to accept is the Doorkeeper's.
 */
import { type Bytes, fromBase64Url, toBase64Url } from "../protocol/bytes";
import { showMeetingId } from "../protocol/meeting";
import { type Card, sessionKeySize } from "../protocol/messages.gen";
import { publicKeyOf } from "../protocol/peer-id";
import { joined, text, u64 } from "./fields";
import type { MembershipKey } from "./membership";
import { isSignature, sha256 } from "./primitives";
import type { SessionKey } from "./sessionkey";

/** An identity that signs. */
export interface Signer {
  readonly peerId: string;
  sign(message: Bytes): Promise<Uint8Array>;
}

/** A participant's session whose card was checked. */
export interface Session {
  readonly id: string;
  /** 32 bytes that name identity and key: what keys are derived for. */
  readonly fingerprint: Bytes;
  readonly card: Card;
  /** Its proof of membership was verified here. */
  readonly proved: boolean;
}

export interface CardOptions {
  readonly meeting: string;
  readonly who: Signer;
  readonly key: SessionKey;
  /** Whom this participant takes for the meeting's host. */
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of who has the invitation's secret. */
  readonly member: MembershipKey | undefined;
}

export async function makeCard(options: CardOptions): Promise<Card> {
  const { meeting, who, key, host, at, member } = options;
  const unsigned = {
    key: key.publicKey,
    at,
    host,
    ...(member && { proof: await member.prove(meeting, who.peerId, key.publicKey) }),
  };
  const sig = toBase64Url(await who.sign(signedBytes(meeting, who.peerId, unsigned)));
  return { ...unsigned, sig };
}

/**
 * The session of a card that identity `id` signed for this meeting; undefined
 * for any other. Without a membership key no proof is verified.
 */
export async function checkCard(
  meeting: string,
  id: string,
  card: Card,
  member: MembershipKey | undefined,
): Promise<Session | undefined> {
  const identity = publicKeyOf(id);
  const signature = fromBase64Url(card.sig);
  const isKey = fromBase64Url(card.key)?.length === sessionKeySize;
  if (!isKey || identity === undefined || signature === undefined) {
    return undefined;
  }
  if (!(await isSignature(identity, signature, signedBytes(meeting, id, card)))) {
    return undefined;
  }
  const { proof } = card;
  const proved =
    proof !== undefined && (await member?.isProof(proof, meeting, id, card.key)) === true;
  return { id, fingerprint: await fingerprintOf(id, card.key), card, proved };
}

export function fingerprintOf(id: string, key: string): Promise<Bytes> {
  return sha256(joined(text("parley/1/session"), text(id), text(key)));
}

function signedBytes(meeting: string, id: string, card: Omit<Card, "sig">): Bytes {
  return joined(
    text("parley/1/card"),
    text(showMeetingId(meeting)),
    text(id),
    u64(card.at),
    text(card.host),
    text(card.key),
    text(card.proof ?? ""),
  );
}
