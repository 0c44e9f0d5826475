import { expect, test } from "vitest";
import { takeOldest } from "./oldest";

// A bound that newcomers ran into would make who comes last nobody, for good.
test("what came last is in, whatever it takes the place of", () => {
  const map = new Map([1, 2, 3, 4].map((n) => [`${n}`, n]));
  expect(takeOldest(map, 4)).toEqual([]);
  expect(takeOldest(map, 2)).toEqual([1, 2]);
  expect([...map.values()]).toEqual([3, 4]);
});
