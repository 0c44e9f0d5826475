import { expect, test } from "vitest";
import { Signs } from "./signs";

test("what one side leaves the other finds", () => {
  const page = Signs.create();
  const worker = page && new Signs(page.shared);
  expect([page?.arrivedAt, page?.openedAt, page?.level]).toEqual([0, 0, undefined]);
  const before = performance.timeOrigin + performance.now();
  worker?.arrive(0.25);
  expect(page?.arrivedAt).toBeGreaterThanOrEqual(before);
  expect(page?.level).toBeCloseTo(0.25);
  expect(page?.openedAt).toBe(0);
  worker?.open();
  expect(page?.openedAt).toBeGreaterThanOrEqual(before);
  worker?.arrive(undefined);
  expect(page?.level).toBeUndefined();
});

test("silence is a level", () => {
  const page = Signs.create();
  page?.arrive(0);
  expect(page?.level).toBe(0);
});
