import { expect, test } from "vitest";
import { strings } from "./strings";
import { sentenceOf } from "./trouble";

test("a code has its sentence, whatever the server wrote", () => {
  expect(sentenceOf({ code: "full", detail: "room full" })).toBe(strings.trouble.full);
});

test("an unknown code says the server's sentence, else that it failed", () => {
  expect(sentenceOf({ code: "x-new", detail: "Come back on Monday." })).toBe(
    "Come back on Monday.",
  );
  expect(sentenceOf({ code: "constructor" })).toBe(strings.trouble.unknown);
  expect(sentenceOf({ code: "again" })).toBe(strings.trouble.unknown);
});

test("a time to wait for is told", () => {
  const retryAt = new Date(2026, 0, 1, 9, 5).getTime();
  expect(sentenceOf({ code: "too-many-tries", retryAt })).toMatch(
    /^Too many tries\. Try again at .*9:05/,
  );
});
