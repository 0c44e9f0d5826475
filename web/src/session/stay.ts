/**
 * The code of a room, for who is about to enter one: no part of the first page.
 * Owns what a stay needs that takes time to make, its key, the worker that seals
 * its media and its end of a first link: made while somebody still reads the
 * invitation, used once.
 */
import { fingerprintOf } from "../e2ee/card";
import { SessionKey } from "../e2ee/sessionkey";
import { Transforms } from "../link/transforms";
import { Wire } from "../link/wire";
import { fromBase64Url } from "../protocol/bytes";
import type { Identity } from "./identity";
import type { SessionOptions } from "./options";
import { Own, type OwnOptions } from "./own";
import { randomBytes } from "./random";
import { type Invitation, LiveRoom } from "./room";

export interface Gear {
  readonly key: SessionKey;
  readonly transforms: Transforms;
  readonly wire: Wire;
}

export async function makeGear({ peerId }: Identity): Promise<Gear> {
  const key = await SessionKey.of(randomBytes(32));
  const transforms = new Transforms(await fingerprintOf(peerId, key.publicKey));
  const wire = Wire.warm(transforms);
  await rehearse(key);
  return { key, transforms, wire };
}

export async function openRoom(
  { key, transforms, wire }: Gear,
  options: Omit<SessionOptions, "own" | "transforms" | "wire">,
  own: Pick<OwnOptions, "belonging" | "at">,
  invitation: Invitation,
): Promise<LiveRoom> {
  const { identity, meeting } = options;
  const { meetingId, hostId: host } = meeting;
  const begun = await Own.begin({ meetingId, identity, key, host, ...own });
  return new LiveRoom({ ...options, own: begun, transforms, wire }, invitation);
}

/** The first time costs several times what each other one does. */
async function rehearse(key: SessionKey): Promise<void> {
  const own = fromBase64Url(key.publicKey);
  const info = new Uint8Array(1);
  const { enc } = own ? await key.encapsulate(own, info) : {};
  enc && (await key.decapsulate(enc, info));
}
