/** People of a room for tests, each with keys of their own. */
import { SessionKey } from "../e2ee/sessionkey";
import type { Participant } from "../protocol/codec";
import type { Gate } from "./gate";
import { Identity } from "./identity";
import { type Belonging, Own } from "./own";
import { randomBytes } from "./random";

export const meeting = "482-913-006";

export async function somebody(): Promise<Identity> {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const key = await crypto.subtle.exportKey("raw", pair.publicKey);
  return new Identity(pair.privateKey, new Uint8Array(key));
}

export interface Guest {
  readonly identity: Identity;
  readonly own: Own;
  /** As the rendezvous tells it. */
  entry(change?: Partial<Participant>): Participant;
}

export async function guest(
  name: string,
  { host, belonging = {} }: { readonly host?: string; readonly belonging?: Belonging } = {},
): Promise<Guest> {
  const identity = await somebody();
  const key = await SessionKey.of(randomBytes(32));
  const own = await Own.begin({
    meetingId: meeting,
    identity,
    key,
    host: host ?? identity.peerId,
    belonging,
    at: () => Date.now(),
  });
  return {
    identity,
    own,
    entry: (change = {}) => ({
      id: own.id,
      n: 1,
      session: 1,
      kind: "browser",
      role: own.id === own.host ? "host" : "participant",
      via: "invitation",
      presence: { name, mic: true, camera: true, screen: false, hand: false },
      card: own.card,
      ...change,
    }),
  };
}

/** Somebody's next stay: another key of the same identity. */
export async function again({ identity, own }: Guest, belonging: Belonging = {}): Promise<Own> {
  const key = await SessionKey.of(randomBytes(32));
  return Own.begin({
    meetingId: meeting,
    identity,
    key,
    host: own.host,
    belonging,
    at: () => Date.now(),
  });
}

/** Lets everybody in. */
export async function openGate(guests: readonly Guest[]): Promise<Pick<Gate, "find" | "accepted">> {
  const accepted = new Map(
    guests.map((each) => [each.own.id, { as: each.entry(), session: each.own.session }]),
  );
  return {
    find: ({ id }) => accepted.get(id)?.session,
    accepted: {
      value: accepted,
      peek: () => accepted,
    } as unknown as Gate["accepted"],
  };
}

/** Waits until something is so; for what takes no timer, whichever clock there is. */
export async function until(so: () => boolean): Promise<void> {
  while (!so()) {
    await crypto.subtle.digest("SHA-256", new Uint8Array(1)); // a turn of the same kind
  }
}
