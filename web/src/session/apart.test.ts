import { expect, test } from "vitest";
import { maxRoster } from "../protocol/messages.gen";
import { Apart, type Line } from "./apart";

const line = (change: Partial<Line> = {}): Line => ({
  peer: "bob",
  session: 2,
  waits: false,
  draining: false,
  up: false,
  key: `of ${change.peer ?? "bob"}/${change.session ?? 2}`,
  later: true,
  ...change,
});

const down = [line()];
const up = [line({ up: true })];
/** There before this client. */
const early = [line({ later: false })];
/** The same session by another number. */
const renumbered = [line({ session: 3, key: line().key })];

interface Look {
  readonly at: number;
  readonly online?: boolean;
  /** Something of Bob's is opened after it. */
  readonly heard?: boolean;
  readonly plan: readonly Line[];
}

/** What each look has seen, and who is unreachable at a later moment. */
const cases: readonly {
  readonly name: string;
  readonly looks: readonly Look[];
  readonly at: number;
  readonly unreachable: readonly string[];
}[] = [
  { name: "not before its time", looks: [{ at: 1, plan: down }], at: 20_000, unreachable: [] },
  { name: "after its time", looks: [{ at: 1, plan: down }], at: 20_001, unreachable: ["bob"] },
  {
    name: "whoever remakes the link meanwhile",
    looks: [
      { at: 1, plan: down },
      { at: 9_000, plan: [line({ waits: false })] },
      { at: 19_000, plan: down },
    ],
    at: 20_001,
    unreachable: ["bob"],
  },
  {
    name: "nobody whose link was up for a moment",
    looks: [
      { at: 1, plan: down },
      { at: 19_000, plan: up },
      { at: 19_001, plan: down },
    ],
    at: 40_000,
    unreachable: [],
  },
  {
    name: "nobody who was reached and may be gone without a word",
    looks: [
      { at: 1, plan: up },
      { at: 2, plan: down },
    ],
    at: 80_001,
    unreachable: [],
  },
  {
    name: "who was reached, and whom the rendezvous says to be there all the same",
    looks: [
      { at: 1, plan: up },
      { at: 2, plan: down },
    ],
    at: 80_002,
    unreachable: ["bob"],
  },
  {
    name: "nobody while the rendezvous is away, and as long again after",
    looks: [
      { at: 1, plan: down },
      { at: 15_000, online: false, plan: down },
      { at: 16_000, plan: down },
    ],
    at: 35_999,
    unreachable: [],
  },
  {
    name: "who stays unreachable when it is back",
    looks: [
      { at: 1, online: false, plan: down },
      { at: 16_000, plan: down },
    ],
    at: 36_000,
    unreachable: ["bob"],
  },
  {
    name: "nobody any more once there is a way",
    looks: [
      { at: 1, plan: down },
      { at: 30_000, plan: up },
    ],
    at: 30_000,
    unreachable: [],
  },
  {
    name: "nobody to whom no link is wanted yet, or any more",
    looks: [
      { at: 1, plan: [line({ waits: true }), line({ peer: "cyd", draining: true })] },
      { at: 30_000, plan: [line({ waits: true }), line({ peer: "cyd", draining: true })] },
    ],
    at: 60_000,
    unreachable: [],
  },
  {
    name: "nobody who left the plan",
    looks: [
      { at: 1, plan: down },
      { at: 10_000, plan: [] },
      { at: 10_001, plan: down },
    ],
    at: 30_000,
    unreachable: [],
  },
  {
    name: "nobody who comes by the link of before while the next is made",
    looks: [{ at: 1, plan: [line({ draining: true, up: true }), line()] }],
    at: 60_000,
    unreachable: [],
  },
  {
    name: "another session of somebody from its own beginning",
    looks: [
      { at: 1, plan: down },
      { at: 15_000, plan: [line({ session: 3 })] },
    ],
    at: 34_999,
    unreachable: [],
  },
  {
    name: "nobody who was there first and may have died before",
    looks: [{ at: 1, plan: early }],
    at: 80_000,
    unreachable: [],
  },
  {
    name: "who was there first, and whom the rendezvous says to be there all the same",
    looks: [{ at: 1, plan: early }],
    at: 80_001,
    unreachable: ["bob"],
  },
  {
    name: "who was there first, as soon after a sign of life as anybody",
    looks: [{ at: 1, heard: true, plan: early }],
    at: 20_001,
    unreachable: ["bob"],
  },
  {
    name: "nobody who has just come back to life",
    looks: [
      { at: 1, plan: early },
      { at: 30_000, heard: true, plan: early },
      { at: 31_000, heard: true, plan: early },
    ],
    at: 49_999,
    unreachable: [],
  },
  {
    name: "but no later, however much is heard",
    looks: [
      { at: 1, plan: early },
      { at: 30_000, heard: true, plan: early },
      { at: 45_000, heard: true, plan: early },
    ],
    at: 50_000,
    unreachable: ["bob"],
  },
  {
    name: "who comes back to life late, as late as who does not",
    looks: [
      { at: 1, plan: early },
      { at: 70_000, heard: true, plan: early },
    ],
    at: 80_001,
    unreachable: ["bob"],
  },
  {
    name: "nobody who was heard before a link was wanted",
    looks: [
      { at: 1, heard: true, plan: early },
      { at: 2, plan: [] },
      { at: 3, plan: early },
    ],
    at: 80_002,
    unreachable: [],
  },
  {
    name: "nobody who was reached in this stay, whatever was planned since, or heard",
    looks: [
      { at: 1, plan: up },
      { at: 2, plan: [] },
      { at: 3, heard: true, plan: down },
    ],
    at: 80_002,
    unreachable: [],
  },
  {
    name: "who gets another number, but no key, as late as anybody",
    looks: [
      { at: 1, plan: early },
      { at: 15_000, plan: [{ ...renumbered[0], later: false } as Line] },
      { at: 70_000, plan: renumbered },
    ],
    at: 80_001,
    unreachable: ["bob"],
  },
  {
    name: "nobody who comes back by another number and is not waited for long",
    looks: [
      { at: 1, plan: down },
      { at: 15_000, plan: renumbered },
    ],
    at: 34_999,
    unreachable: [],
  },
  {
    name: "nobody who was reached by the number before",
    looks: [
      { at: 1, plan: up },
      { at: 2, plan: renumbered },
    ],
    at: 80_001,
    unreachable: [],
  },
  {
    name: "each for themselves",
    looks: [
      { at: 1, plan: down },
      { at: 15_000, plan: [line(), line({ peer: "cyd" })] },
    ],
    at: 35_000,
    unreachable: ["bob", "cyd"],
  },
];

// Guards against people who are kept apart and wait for each other without a word,
// and against accusing a server of what a closed lid does.
test.each(cases)("no way is found: $name", ({ looks, at, unreachable }) => {
  const apart = new Apart();
  for (const { at: now, online = true, heard = false, plan } of looks) {
    apart.look(now, online, plan);
    heard && apart.heard(now, { id: "bob", session: 2 });
  }
  expect([...apart.unreachable(at)]).toEqual(unreachable);
});

test("the next look is due when somebody becomes unreachable", () => {
  const apart = new Apart();
  expect(apart.deadline(1)).toBe(Number.POSITIVE_INFINITY);
  apart.look(1, true, down);
  apart.look(5_000, true, [line(), line({ peer: "cyd" })]);
  expect(apart.deadline(5_000)).toBe(20_001);
  expect(apart.deadline(20_001)).toBe(25_000);
  expect(apart.deadline(25_000)).toBe(Number.POSITIVE_INFINITY);
});

// Guards against a memory that grows with every number that a rendezvous gives.
test("so many who were reached are remembered, the newest", () => {
  const apart = new Apart();
  const first = line({ session: 1 });
  for (let session = 1; session <= 4 * maxRoster + 1; session++) {
    apart.look(session, true, [line({ session, up: true })]);
  }
  apart.look(10_000, true, []);
  apart.look(20_000, true, [first]);
  expect(apart.deadline(20_000)).toBe(40_000);
});
