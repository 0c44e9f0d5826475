import { expect, test } from "vitest";
import { toBase64Url } from "../protocol/bytes";
import type { Envelope } from "../protocol/messages.gen";
import { openChat, sealChat } from "./chat";
import { bytesOf, meeting, person, whyOf } from "./fixture";
import { Ring } from "./ring";
import { safetyCode } from "./safety";
import { words } from "./words";

const ann = await person({ of: 1 });
const bob = await person({ of: 2 });

const ringOf = async (of: number): Promise<Ring> => {
  const ring = new Ring(meeting);
  const begin = { who: ann.who, session: 1, seq: 1, entry: "any" as const, key: bytesOf(of) };
  await ring.begin(1, begin);
  return ring;
};

const chat = { id: toBase64Url(bytesOf(5, 16)), text: "hello", at: 5, name: "Ann" };

test("chat opens for who has the epoch, as its author's line alone", async () => {
  const ring = await ringOf(1);
  const epoch = ring.newest;
  if (epoch === undefined) {
    throw new Error("no epoch");
  }
  const body = await sealChat(epoch, ann.session, { meeting, seq: 4 }, chat);
  const envelope: Envelope = {
    meeting,
    from: ann.who.peerId,
    session: 1,
    seq: 4,
    kind: "chat",
    body,
    sig: toBase64Url(bytesOf(0, 64)),
  };
  expect(await openChat(ring, envelope)).toEqual(chat);
  expect(await whyOf(openChat(await ringOf(2), envelope))).toBe("no-epoch");
  const others: Partial<Envelope>[] = [
    { seq: 5 },
    { from: bob.who.peerId },
    { meeting: "987-654-321" },
    { body: body.slice(0, 40) },
    { body: "" },
    { body: `${body.slice(0, -4)}AAAA` },
  ];
  for (const other of others) {
    expect(await whyOf(openChat(ring, { ...envelope, ...other }))).toBe("altered");
  }
});

test("there are 256 words, and no two are one", () => {
  expect(new Set(words).size).toBe(256);
  expect(words.every((word) => /^[a-z]{3,6}$/.test(word))).toBe(true);
});

test("the safety code is of host, epoch and everybody, in whatever order", async () => {
  const one = (await ringOf(1)).newest;
  const two = (await ringOf(2)).newest;
  if (one === undefined || two === undefined) {
    throw new Error("no epoch");
  }
  const both = [ann.session, bob.session];
  const code = await safetyCode(meeting, ann.who.peerId, one, both);
  expect(code.words).toHaveLength(6);
  expect(code.digits).toMatch(/^[0-9]{6}$/);
  expect(await safetyCode(meeting, ann.who.peerId, one, both.toReversed())).toEqual(code);
  expect(await safetyCode(meeting, ann.who.peerId, two, both)).not.toEqual(code);
  expect(await safetyCode(meeting, bob.who.peerId, one, both)).not.toEqual(code);
  expect(await safetyCode(meeting, ann.who.peerId, one, [ann.session])).not.toEqual(code);
});
