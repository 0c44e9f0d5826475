import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Entry } from "../e2ee/doorkeeper";
import { EntryWord } from "./entry";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What the doorkeeper does with it is tested there. */
function word(self: string, kept?: Entry) {
  const memory = {
    entry: kept,
    keepEntry: (entry: Entry) => {
      memory.entry = entry;
    },
    keepMembership: () => undefined,
    strike: () => undefined,
  };
  const gate = {
    entry: kept ?? "any",
    setEntry: (entry: Entry, byHost: boolean) => {
      const before = gate.entry;
      gate.entry = byHost || entry === "invitation" ? entry : before;
      return gate.entry !== before;
    },
  };
  let alarms = 0;
  const entry = new EntryWord({
    self,
    host: "ada",
    gate,
    memory,
    relaxed: () => {
      alarms++;
    },
  });
  return { entry, gate, memory, alarms: () => alarms };
}

// Guards against a rendezvous that opens a meeting to whoever it lets in.
test("the host goes by its own word, and is told when the rendezvous says less", () => {
  const { entry, gate, alarms } = word("ada", "invitation");
  expect(entry.told("any")).toBe(false);
  expect(gate.entry).toBe("invitation");
  vi.advanceTimersByTime(4_999);
  expect(alarms()).toBe(0);
  vi.advanceTimersByTime(1);
  expect(alarms()).toBe(1);
});

test("what the host has decided may reach it from the rendezvous a moment later", () => {
  const { entry, memory, alarms } = word("ada", "any");
  entry.told("any");
  expect(entry.decide("invitation")).toBe(true);
  entry.told("any"); // about something else, and said before it heard of it
  vi.advanceTimersByTime(60_000);
  entry.answered(true);
  vi.advanceTimersByTime(4_999);
  entry.told("invitation");
  expect(entry.decide("any")).toBe(true);
  entry.answered(true);
  entry.told("invitation");
  entry.told("any");
  vi.advanceTimersByTime(60_000);
  expect([memory.entry, alarms()]).toEqual(["any", 0]);
});

// Guards against a rendezvous that says so again and again, and is never told of.
test("saying less once more gives the rendezvous no more time", () => {
  const { entry, alarms } = word("ada", "invitation");
  for (let second = 0; second < 5; second++) {
    entry.told("any");
    vi.advanceTimersByTime(1_000);
  }
  expect(alarms()).toBe(1);
  const mended = word("ada", "invitation");
  mended.entry.told("any");
  vi.advanceTimersByTime(4_000);
  mended.entry.told("invitation");
  mended.entry.told("any");
  vi.advanceTimersByTime(4_000);
  expect(mended.alarms()).toBe(0);
});

// Guards against a rendezvous' stricter word that becomes the host's own by a request that failed.
test("a decision that did not come so far leaves what the host kept as it was", () => {
  const { entry, gate, memory } = word("ada", "any");
  entry.told("invitation");
  const before = entry.now;
  entry.decide("any");
  expect([gate.entry, memory.entry]).toEqual(["any", "any"]);
  entry.answered(false);
  entry.takeBack(before);
  expect([gate.entry, memory.entry]).toEqual(["invitation", "any"]);
});

// Guards against an epoch that was begun a moment before the host decided otherwise.
test("one's own statement tells one nothing", () => {
  const { entry, gate } = word("ada", "any");
  entry.decide("invitation");
  expect(entry.stated("any", "ada")).toBe(false);
  expect(gate.entry).toBe("invitation");
});

test("a stricter word of the rendezvous is not the host's", () => {
  const { entry, gate, memory, alarms } = word("ada", "any");
  expect(entry.told("invitation")).toBe(true);
  entry.told("any");
  vi.advanceTimersByTime(60_000);
  expect([gate.entry, memory.entry, alarms()]).toEqual(["invitation", "any", 0]);
});

// Guards against the next stay, whose rendezvous says "any" before any host is there.
test("others keep what they have heard, and only the host's own word makes it laxer", () => {
  const { entry, gate, memory, alarms } = word("bob");
  entry.told("invitation");
  entry.told("any");
  entry.stated("any", "cyd");
  expect([gate.entry, memory.entry]).toEqual(["invitation", "invitation"]);
  entry.stated("any", "ada");
  expect([gate.entry, memory.entry]).toEqual(["any", "any"]);
  entry.stated("invitation", "ada");
  expect(memory.entry).toBe("invitation");
  vi.advanceTimersByTime(60_000);
  expect(alarms()).toBe(0);
});
