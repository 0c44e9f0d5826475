import { expect, test } from "vitest";
import { shownOf } from "./shown";

const tiles = [
  { key: "a/camera", width: 160, height: 90, onScreen: true },
  { key: "b/screen", width: 1000, height: 600, onScreen: true },
  { key: "c/camera", width: 160, height: 90, onScreen: false },
];

test("the largest comes first, in device pixels, and what is off screen has no size", () => {
  expect(shownOf(tiles, 2, false)).toEqual([
    { key: "b/screen", width: 2000, height: 1200 },
    { key: "a/camera", width: 320, height: 180 },
    { key: "c/camera", width: 0, height: 0 },
  ]);
});

// A page in the background must not cost everybody their uplink.
test("a hidden page shows nothing", () => {
  expect(shownOf(tiles, 2, true).every(({ width, height }) => width === 0 && height === 0)).toBe(
    true,
  );
});
