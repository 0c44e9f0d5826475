import { expect, test } from "vitest";
import type { AlarmCode } from "../../session/model";
import { number, people } from "./counts";
import { encryption } from "./encryption";

const codes: readonly AlarmCode[] = [
  "unsigned",
  "stale",
  "uninvited",
  "other-host",
  "unproved-role",
  "altered",
  "replayed",
  "forged",
  "unreachable",
  "relaxed",
];

// A code without a sentence would be an alarm that says nothing.
test("every alarm is a sentence with a next step, with and without a name", () => {
  expect(Object.keys(encryption.alarm).sort()).toEqual([...codes].sort());
  for (const code of codes) {
    for (const who of ["Mallory", undefined]) {
      const text = encryption.alarm[code](who);
      expect(text, code).toMatch(/^[A-Z“].*\.$/);
      expect(text, code).not.toContain("undefined");
      expect(text.includes("Mallory"), code).toBe(who !== undefined && code !== "relaxed");
      expect(text, code).toMatch(/ask them|send them|compare the safety code/i);
    }
  }
});

// "1666 people" is read digit by digit.
test("numbers are written as the reader writes them", () => {
  expect(number(1666, "en-GB")).toBe("1,666");
  expect(people(1, "en-GB")).toBe("1 person");
  expect(people(1666, "en-GB")).toBe("1,666 people");
});

test("the code of two people speaks of both", () => {
  expect(encryption.safety.covers(2)).toBe("Covers both of you");
  expect(encryption.safety.covers(3)).toContain("3 people");
});
