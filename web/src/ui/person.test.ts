import { expect, test } from "vitest";
import { hueOf, initialOf, shortId } from "./person";

test.each([
  ["Ada", "A"],
  ["  élodie", "É"],
  ["עדה", "ע"],
  ["👩‍👩‍👧‍👦 family", "👩‍👩‍👧‍👦"],
  ["\u202egnp.exe", "G"],
  ["A\u0337\u0353\u0310", "A"],
  ["7 of 9", "7"],
  ["…", "·"],
  ["", "·"],
])("the initial of %j is %j", (name, initial) => {
  expect(initialOf(name)).toBe(initial);
});

test("an identity keeps its colour, and identities differ in it", () => {
  const ids = Array.from({ length: 30 }, (_, at) => `12D3KooW${"x".repeat(40)}${at}`);
  expect(new Set(ids.map(hueOf)).size).toBeGreaterThan(20);
  expect(hueOf("a")).toBe(hueOf("a"));
});

test("a short ID shows both ends", () => {
  expect(shortId("12D3KooWQm7xKd2ZdN5eh")).toBe("12D3…dN5eh");
});
