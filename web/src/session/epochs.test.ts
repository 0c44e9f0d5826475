import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Grant } from "../protocol/codec";
import { Cipher } from "./cipher";
import { Epochs } from "./epochs";
import { type Guest, guest, meeting, until } from "./fixture";

const ada = await guest("Ada");
const bob = await guest("Bob", { host: ada.own.id });

function epochsOf(
  { identity }: Guest,
  begun: () => void = () => undefined,
  overdue: () => void = () => undefined,
): Epochs {
  let seq = 0;
  return new Epochs({
    meetingId: meeting,
    identity,
    numbered: () => {
      seq++;
      return { session: 1, seq };
    },
    entry: () => "any",
    isMember: (id) => id === ada.own.id || id === bob.own.id,
    begun,
    stated: () => undefined,
    overdue,
  });
}

const grantOf = (epochs: Epochs): Grant => {
  const epoch = epochs.current.at(-1);
  if (epoch === undefined) {
    throw new Error("no epoch");
  }
  return epoch.grant();
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (millis: number) => vi.advanceTimersByTimeAsync(millis);

/** Takes the chair; there is an epoch then. */
async function chairs(epochs: Epochs, { own }: Guest): Promise<void> {
  epochs.setChair(own.id);
  await until(() => epochs.inUse.peek() !== undefined);
}

test("who takes the chair begins one, and another when somebody is sent away", async () => {
  const begun: string[] = [];
  const own = epochsOf(ada, () => begun.push("begun"));
  own.setChair(bob.own.id);
  await pass(1_000);
  expect(begun).toEqual([]);
  await chairs(own, ada);
  const first = own.inUse.peek();
  expect(first?.by).toBe(ada.own.id);
  // Many sent away at once are one reason.
  own.renew();
  own.renew();
  await pass(300);
  await until(() => begun.length === 2);
  await pass(300);
  expect(begun).toHaveLength(2);
  expect(own.inUse.peek()?.number).toBeGreaterThan(first?.number ?? 0);
  expect(own.held.peek()).toHaveLength(2);
  await pass(11_000);
  expect(own.held.peek()).toHaveLength(1); // the old one is erased
  expect(first?.erased).toBe(true);
  own.end();
});

test("after a quarter of an hour there is another", async () => {
  const begun: string[] = [];
  const own = epochsOf(ada, () => begun.push("begun"));
  await chairs(own, ada);
  await pass(14 * 60_000);
  expect(begun).toHaveLength(1);
  await pass(2 * 60_000);
  await until(() => begun.length === 2);
  own.end();
});

// Guards against two halves of a room that each go on with an epoch of their own.
test("who has the chair answers another's epoch with a newer one, later each time", async () => {
  const own = epochsOf(ada);
  await chairs(own, ada);
  await pass(1_000);
  const other = epochsOf(bob);
  await chairs(other, bob);
  await own.take(grantOf(other));
  expect(own.ring.newest?.by).toBe(ada.own.id);
  const before = own.ring.newest?.number ?? 0;
  await pass(5_100);
  await until(() => (own.ring.newest?.number ?? 0) > before);
  expect(own.ring.newest?.by).toBe(ada.own.id);
  own.end();
  other.end();
});

test("one of somebody who never was in is not taken", async () => {
  const eve = await guest("Eve");
  const other = epochsOf(eve);
  await chairs(other, eve);
  const own = epochsOf(ada);
  await expect(own.take(grantOf(other))).rejects.toMatchObject({ why: "no-epoch" });
  expect(own.held.peek()).toEqual([]);
  other.end();
});

test("a line that comes before its epoch waits for it, and not for long", async () => {
  const said = epochsOf(ada);
  await chairs(said, ada);
  const heard = epochsOf(bob);
  const cipher = (epochs: Epochs, who: Guest) =>
    new Cipher({ meetingId: meeting, self: () => who.own.session, epochs });
  const chat = { id: "AAAAAAAAAAAAAAAAAAAAAA", text: "hello", at: 1, name: "Ada" };
  const envelope = {
    meeting,
    from: ada.own.id,
    session: 1,
    seq: 9,
    kind: "chat" as const,
    body: await cipher(said, ada).seal(9, chat),
    sig: "",
  };
  const reader = cipher(heard, bob);
  const early = reader.open(envelope);
  await pass(2_000);
  await heard.take(grantOf(said));
  expect(await early).toEqual(chat);

  const never = cipher(epochsOf(bob), bob).open(envelope);
  const why = expect(never).rejects.toMatchObject({ why: "no-epoch" });
  await pass(10_001);
  await why;
  said.end();
});

// Guards against a rendezvous that keeps back what shuts out who was removed.
test("after a removal a new epoch is missed, unless it came, even a moment before", async () => {
  const missed: string[] = [];
  const host = epochsOf(ada);
  const own = epochsOf(bob, undefined, () => missed.push("missed"));
  await chairs(host, ada);
  own.setChair(ada.own.id);
  await own.take(grantOf(host));
  await pass(60_000);
  own.removed();
  await pass(9_999);
  expect(missed).toEqual([]);
  await pass(1);
  expect(missed).toEqual(["missed"]);
  // Guards against a warning that is put off as long as somebody is removed again and again.
  for (let time = 0; time < 4; time++) {
    own.removed();
    await pass(4_000);
  }
  expect(missed).toHaveLength(2);
  await pass(60_000);
  expect(missed.splice(1)).toHaveLength(3); // and for the last of them

  const before = host.inUse.peek();
  host.renew();
  await until(() => host.current.at(-1) !== before);
  await own.take(grantOf(host));
  await pass(1_000);
  own.removed();
  await pass(60_000);
  expect(missed).toEqual(["missed"]);
  own.end();
  host.end();
});
