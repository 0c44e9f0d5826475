import { beforeEach, expect, test, vi } from "vitest";
import type { LocalDevices } from "../media/devices";
import { Entrance } from "./entrance";
import { somebody } from "./fixture";
import { Invited } from "./invited";
import { Keep } from "./keep";
import type { MeetingView, Room } from "./model";
import type { Rendezvous } from "./rendezvous";

/** The gear of each stay: what was made, what it was used for, and what was closed. */
const gear = vi.hoisted(() => ({
  made: 0,
  used: [] as number[],
  closed: [] as string[],
  fails: false,
}));

vi.mock("../link/transforms", () => ({ supported: () => true }));
vi.mock("./stay", () => ({
  makeGear: async () => {
    gear.made++;
    const of = gear.made;
    return {
      key: of,
      transforms: { close: () => gear.closed.push(`transforms ${of}`) },
      wire: { close: () => gear.closed.push(`wire ${of}`) },
    };
  },
  openRoom: async ({ key }: { key: number }, { meeting }: { meeting: MeetingView }) => {
    gear.used.push(key);
    if (gear.fails) {
      throw new Error("no WebRTC");
    }
    const state = { value: { phase: "in" } };
    return { meeting: { value: meeting }, state, leave: () => undefined } as unknown as Room;
  },
}));

beforeEach(() => {
  Object.assign(gear, { made: 0, used: [], closed: [], fails: false });
});

async function entrance(...meetings: readonly string[]) {
  const keep = new Keep(undefined, undefined);
  const identity = await somebody();
  keep.way = (id) =>
    meetings.includes(id)
      ? { ticket: "t", signalingUrl: "wss://x", title: "T", hostId: "h", createdAt: "2026-11-20" }
      : undefined;
  const rendezvous = {} as Rendezvous;
  return new Entrance({
    origin: "https://meet.example",
    keep,
    identity: Promise.resolve(identity),
    rendezvous,
    invited: new Invited("https://meet.example", keep, rendezvous, async () => identity.peerId),
    devices: { stop: () => undefined } as unknown as LocalDevices,
    name: () => "Ada",
  });
}

// Guards against two stays with one key, in which one counter would be used twice.
test("no two stays get the same key, however close they follow each other", async () => {
  const into = await entrance("1", "2");
  into.prepare();
  await vi.waitFor(() => expect(gear.made).toBe(1));
  const both = await Promise.all([into.enter("1"), into.enter("2")]);
  expect(both.map(({ ok }) => ok)).toEqual([true, true]);
  expect([...gear.used].sort()).toEqual([1, 2]);
  expect(gear.closed).toEqual([]);
});

// Guards against workers and connections that pile up with each try.
test("what a room that does not open was given is closed", async () => {
  gear.fails = true;
  const into = await entrance("1");
  expect(await into.enter("1")).toEqual({ ok: false, trouble: { code: "unsupported" } });
  expect(gear.closed).toEqual(["transforms 1", "wire 1"]);
  gear.fails = false;
  expect((await into.enter("1")).ok).toBe(true);
  expect(gear.used).toEqual([1, 2]);
});
