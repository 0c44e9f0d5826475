import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PlannedLink, Ref } from "../room/link";
import { Lookout } from "./lookout";

const line: PlannedLink = {
  peer: "bob",
  session: 2,
  shape: "mesh",
  purpose: "mesh",
  offer: true,
  waits: false,
  extra: { audio: 0, video: 0 },
  draining: false,
  quiet: false,
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function looking(session = 1) {
  const wanted = signal<readonly PlannedLink[]>([line]);
  const up = signal<readonly string[]>([]);
  const online = signal(true);
  const told: string[] = [];
  const lookout = new Lookout({
    gathering: { wanted },
    links: { up: ({ peer }: Ref) => up.value.includes(peer) },
    session: () => session,
    keyOf: ({ id }) => `${id}'s key`,
    online: () => online.value,
    lacking: (id) => told.push(id),
  });
  return { wanted, up, online, told, lookout };
}

// Guards against two people who wait for each other and hear nothing of why.
test("who is not reached is told when it is time, though nothing happens", () => {
  const { told, up, lookout } = looking();
  vi.advanceTimersByTime(19_999);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect([told, [...lookout.unreachable.value]]).toEqual([["bob"], ["bob"]]);
  up.value = ["bob"];
  expect([...lookout.unreachable.value]).toEqual([]);
  lookout.end();
});

test("nobody is while one's own rendezvous is away, or after the end", () => {
  const { told, online, lookout } = looking();
  vi.advanceTimersByTime(15_000);
  online.value = false;
  vi.advanceTimersByTime(60_000);
  online.value = true;
  vi.advanceTimersByTime(19_000);
  lookout.end();
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
});

// Guards against accusing a server, or a network, of somebody who died before one came.
test("who was there first is given longer, unless something of theirs is opened", () => {
  const { told, lookout } = looking(3);
  vi.advanceTimersByTime(30_000);
  lookout.heard({ id: "bob", session: 1 });
  vi.advanceTimersByTime(10_000);
  lookout.heard({ id: "bob", session: 2 });
  vi.advanceTimersByTime(19_999);
  lookout.heard({ id: "bob", session: 2 });
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(["bob"]);
  lookout.end();
});
