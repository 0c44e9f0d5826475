import { expect, test } from "vitest";
import { toBase64Url } from "../protocol/bytes";
import type { Participant } from "../protocol/messages.gen";
import { checkCard } from "./card";
import { Doorkeeper } from "./doorkeeper";
import { bytesOf, meeting, type Person, person } from "./fixture";
import { MembershipKey } from "./membership";

const keyOf = async (of: number): Promise<MembershipKey> => {
  const key = await MembershipKey.ofSecret(toBase64Url(bytesOf(of)), meeting);
  if (key === undefined) {
    throw new Error("no secret");
  }
  return key;
};

const member = await keyOf(7);
const host = await person({ of: 1, member });
const hostId = host.who.peerId;
const invited = await person({ of: 2, member, host: hostId });
const stranger = await person({ of: 3, host: hostId });

const door = (own: MembershipKey | undefined = member): Doorkeeper =>
  new Doorkeeper({ meeting, host: hostId, member: own });

const withRole = ({ entry }: Person, role: Participant["role"]): Participant => ({
  ...entry,
  role,
});

// Guards against a rendezvous that injects participants without a key of their own.
test("a card is its identity's alone", async () => {
  const { entry } = invited;
  const { card, ...bare } = entry;
  const d = door();
  expect(await d.judge(bare)).toMatchObject({ refused: { code: "unsigned", name: "P2" } });
  const other = { ...bare, ...(host.entry.card && { card: host.entry.card }) };
  expect(await d.judge(other)).toMatchObject({ refused: { code: "unsigned" } });
  const changed = card && { ...card, host: stranger.who.peerId };
  expect(await d.judge({ ...bare, ...(changed && { card: changed }) })).toMatchObject({
    refused: { code: "unsigned" },
  });
  expect(card && (await checkCard("987-654-321", entry.id, card, member))).toBeUndefined();
});

// Guards against an old session, whose key somebody may have got since, brought back.
test("an older card than one seen before is refused", async () => {
  const d = door();
  const later = await person({ of: 2, member, host: hostId, at: 2_000, key: 9 });
  expect(await d.judge(invited.entry)).toMatchObject({ as: { id: invited.who.peerId } });
  expect(await d.judge(later.entry)).toMatchObject({ as: { via: "invitation" } });
  expect(await d.judge(invited.entry)).toMatchObject({ refused: { code: "stale" } });
  expect(await d.judge(later.entry)).toMatchObject({ as: { via: "invitation" } });
});

// Guards against taking the rendezvous' word for who was invited.
test("who proves nothing is by password", async () => {
  expect(await door().judge(invited.entry)).toMatchObject({ as: { via: "invitation" } });
  expect(await door().judge(stranger.entry)).toMatchObject({ as: { via: "password" } });
  const wrong = await person({ of: 4, member: await keyOf(8), host: hostId });
  expect(await door().judge(wrong.entry)).toMatchObject({ as: { via: "password" } });
  // Who has no secret believes the rendezvous about a proof, but sees when there is none.
  const blind = new Doorkeeper({ meeting, host: hostId, member: undefined });
  expect(await blind.judge(wrong.entry)).toMatchObject({ as: { via: "invitation" } });
  expect(await blind.judge(stranger.entry)).toMatchObject({ as: { via: "password" } });
});

test("entry by invitation refuses others, and only the acting host relaxes it", async () => {
  const d = door();
  d.setEntry("invitation", false);
  d.setEntry("any", false);
  expect(await d.judge(stranger.entry)).toMatchObject({ refused: { code: "uninvited" } });
  expect(await d.judge(invited.entry)).toMatchObject({ as: { id: invited.who.peerId } });
  expect(await d.judge({ ...stranger.entry, kind: "helper" })).toMatchObject({
    as: { kind: "helper" },
  });
  d.setEntry("any", true);
  expect(await d.judge(stranger.entry)).toMatchObject({ as: { via: "password" } });
});

// Guards against guests who refuse the host after its restart, since they have not heard of its new invitation.
test("the host is not refused once it has proved itself, and has no rights without a proof", async () => {
  const d = door();
  d.setEntry("invitation", false);
  const renewed = await person({ of: 1, member: await keyOf(8), at: 2_000, key: 9 });
  expect(await d.judge(withRole(renewed, "host"))).toMatchObject({
    refused: { code: "uninvited" },
  });
  const fresh = door();
  fresh.setEntry("invitation", false);
  expect(fresh.hostProved).toBe(false);
  await fresh.judge(withRole(host, "host"));
  expect(fresh.hostProved).toBe(true);
  expect(await fresh.judge(withRole(renewed, "host"))).toMatchObject({
    as: { role: "participant", via: "password" },
  });
  const bare = await person({ of: 1, at: 1_500, key: 8 });
  const other = door();
  other.setEntry("invitation", false);
  await other.judge(withRole(host, "host"));
  expect(await other.judge(withRole(bare, "host"))).toMatchObject({ as: { role: "participant" } });
  expect(other.alarms().map(({ code }) => code)).toEqual(["unproved-role"]);
  fresh.setMembership(await keyOf(8));
  expect(await fresh.judge(withRole(renewed, "host"))).toMatchObject({
    as: { role: "host", via: "invitation" },
  });
});

// Guards against a rendezvous that gives somebody else the chair.
test("the host is whom this client takes for it", async () => {
  const d = door();
  expect(await d.judge(withRole(host, "host"))).toMatchObject({ as: { role: "host" } });
  expect(d.alarms()).toEqual([]);
  expect(await d.judge(withRole(invited, "host"))).toMatchObject({ as: { role: "participant" } });
  expect(await d.judge(withRole(stranger, "co-host"))).toMatchObject({
    as: { role: "participant" },
  });
  expect(await d.judge(withRole(invited, "co-host"))).toMatchObject({ as: { role: "co-host" } });
  const misled = await person({ of: 5, member, host: stranger.who.peerId });
  await d.judge(misled.entry);
  d.heard(hostId);
  expect(d.alarms().map(({ code, id }) => [code, id])).toEqual([
    ["other-host", invited.who.peerId],
    ["unproved-role", stranger.who.peerId],
    ["other-host", stranger.who.peerId],
  ]);
});

test("roles need no proof in a meeting that has no secret yet", async () => {
  const bare = await person({ of: 1 });
  const d = door();
  expect(await d.judge(withRole(bare, "host"))).toMatchObject({ as: { role: "host" } });
  expect(await d.judge(withRole(stranger, "co-host"))).toMatchObject({ as: { role: "co-host" } });
  expect(d.alarms()).toEqual([]);
});

// Guards against a participant whose secret is one bit off counting as invited.
test("one byte of the secret changed proves nothing", async () => {
  const secret = bytesOf(7);
  secret[31] = 6;
  const off = await MembershipKey.ofSecret(toBase64Url(secret), meeting);
  const other = await person({ of: 6, member: off, host: hostId });
  expect(await door().judge(other.entry)).toMatchObject({ as: { via: "password" } });
});
