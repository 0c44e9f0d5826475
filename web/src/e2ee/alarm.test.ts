import { expect, test } from "vitest";
import { Alarms } from "./alarm";

const alarm = (code: "altered" | "unsigned") => ({ code, id: "a", name: "" }) as const;

// One box lost in a reload's race is no attack, three in a minute are.
test("what may be an accident is told at the third time within a minute", () => {
  const alarms = new Alarms();
  const told = [0, 30_000, 61_000, 62_000, 63_000].map((at) => alarms.raise(at, alarm("altered")));
  expect(told).toEqual([false, false, false, true, false]);
});

test("anything else is told at once, and once", () => {
  const alarms = new Alarms();
  expect(alarms.raise(0, alarm("unsigned"))).toBe(true);
  expect(alarms.raise(1, alarm("unsigned"))).toBe(false);
  expect(alarms.raise(2, { ...alarm("unsigned"), id: "b" })).toBe(true);
  expect(alarms.raise(3, alarm("altered"), true)).toBe(true);
});
