import { expect, test } from "vitest";
import { toBase64Url } from "../protocol/bytes";
import { bytesOf, meeting, signerOf, whyOf } from "./fixture";
import { epochLifeMillis, maxHeld, Ring } from "./ring";

const ann = await signerOf(bytesOf(1));
const bob = await signerOf(bytesOf(2));
const everybody = () => true;

const begin = (of: number, who = ann) => ({
  who,
  session: 1,
  seq: of,
  entry: "any" as const,
  key: bytesOf(of),
});

test("a grant gives the epoch to whoever takes it, once", async () => {
  const mine = new Ring(meeting);
  const yours = new Ring(meeting);
  const epoch = await mine.begin(1_000, begin(1));
  const taken = await yours.take(2_000, epoch.grant(), everybody);
  expect(taken.name).toBe(epoch.name);
  expect(taken.number).toBe(1_000);
  expect(await yours.take(2_001, epoch.grant(), everybody)).toBe(taken);
  expect(yours.inUse(2_001)).toBe(taken);
  expect(yours.find(epoch.id)).toBe(taken);
});

// Guards against a key under a statement that nobody, or no member, signed.
test("a grant must be its author's, and the author a member", async () => {
  const grant = (await new Ring(meeting).begin(1_000, begin(1))).grant();
  const ring = new Ring(meeting);
  const { envelope } = grant;
  const other = { ...grant, key: toBase64Url(bytesOf(2)) };
  const forged = { ...grant, envelope: { ...envelope, from: bob.peerId } };
  const moved = { ...grant, envelope: { ...envelope, meeting: "987-654-321" } };
  const chat = { ...grant, envelope: { ...envelope, kind: "chat" as const } };
  for (const bad of [other, forged, moved, chat]) {
    expect(await whyOf(ring.take(1, bad, everybody))).toBe("forged");
  }
  expect(await whyOf(ring.take(1, grant, () => false))).toBe("no-epoch");
  expect(ring.held).toEqual([]);
});

test("a change is used when it has settled, and the old one is erased after", async () => {
  const ring = new Ring(meeting);
  const first = await ring.begin(1_000, begin(1));
  expect(ring.inUse(1_000)).toBe(first);
  const second = await ring.begin(2_000, begin(2));
  expect(ring.inUse(2_249)).toBe(first);
  expect(ring.newest).toBe(second);
  expect(ring.current(2_249)).toEqual([first, second]);
  expect(ring.deadline()).toBe(2_250);
  expect(ring.inUse(2_250)).toBe(second);
  expect(ring.deadline()).toBe(12_250);
  ring.tick(12_249);
  expect(ring.held).toEqual([first, second]);
  const again = first.grant();
  ring.tick(12_250);
  expect(ring.held).toEqual([second]);
  expect(first.erased).toBe(true);
  expect(() => first.grant()).toThrow("epoch");
  expect(await whyOf(first.derive("parley/1/chat", bytesOf(1)))).toBe("no-epoch");
  // What is erased stays so: with it back, old frames would count as new.
  expect(await whyOf(ring.take(13_000, again, everybody))).toBe("no-epoch");
  expect(ring.deadline()).toBe(Number.POSITIVE_INFINITY);
});

test("the acting host's newest is used, whatever number others give theirs", async () => {
  const ring = new Ring(meeting);
  ring.setChair(0, ann.peerId);
  const theirs = await new Ring(meeting).begin(9_000_000_000, begin(1, bob));
  await ring.take(0, theirs.grant(), everybody);
  expect(ring.inUse(0)?.by).toBe(bob.peerId);
  expect(ring.isDue(0, ann.peerId)).toBe(true);
  const mine = await ring.begin(1_000, begin(2));
  expect(mine.number).toBe(1_000);
  expect(ring.inUse(1_250)).toBe(mine);
  expect(ring.isDue(1_250, ann.peerId)).toBe(false);
  expect(ring.isDue(1_000 + epochLifeMillis, ann.peerId)).toBe(true);
  ring.setChair(2_000, bob.peerId);
  expect(ring.inUse(2_250)?.by).toBe(bob.peerId);
});

// Guards against a member that hands out epochs without end.
test("few are held, and never those in use dropped", async () => {
  const ring = new Ring(meeting);
  ring.setChair(0, ann.peerId);
  const mine = await ring.begin(1_000, begin(1));
  for (let of = 2; of < 20; of++) {
    const flood = await new Ring(meeting).begin(5_000 + of, begin(of, bob));
    await ring.take(1_001, flood.grant(), everybody);
  }
  expect(ring.held).toHaveLength(maxHeld);
  expect(ring.inUse(1_002)).toBe(mine);
});
