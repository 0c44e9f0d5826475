import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Arrangement, gridOf, headroomOf, type Size, stageOf } from "./grid";

const desktop: Size = { width: 1408, height: 770 };
const beside: Size = { width: 1056, height: 768 };
const phone: Size = { width: 344, height: 510 };

function columns({ places }: Arrangement): number {
  return places.filter((place) => place.y === places[0]?.y).length;
}

// The counts that people meet in, on the screens they meet with.
test.each([
  [1, desktop, 1],
  [2, desktop, 2],
  [3, desktop, 2],
  [4, desktop, 2],
  [5, desktop, 3],
  [6, beside, 3],
  [9, desktop, 3],
  [25, desktop, 5],
  [1, phone, 1],
  [2, phone, 1],
  [3, phone, 1],
  [5, phone, 2],
  [6, phone, 2],
  [9, phone, 3],
])("%i tiles in %j stand in %i columns", (count, area, expected) => {
  expect(columns(gridOf(count, area, 12))).toBe(expected);
});

test("more than can be recognised scrolls", () => {
  const { plane, places } = gridOf(60, phone, 8);
  expect(plane.height).toBeGreaterThan(phone.height);
  expect(places[0]?.width).toBeGreaterThanOrEqual(96);
});

test("nothing is placed in no area", () => {
  expect(gridOf(3, { width: 0, height: 500 }, 8).places).toEqual([]);
  expect(stageOf(3, 1, { width: 0, height: 500 }, 8).places).toEqual([]);
  expect(gridOf(0, desktop, 8).places).toEqual([]);
});

const areas = fc.record({
  width: fc.integer({ min: 240, max: 3840 }),
  height: fc.integer({ min: 160, max: 2160 }),
});

function overlaps({ places }: Arrangement): boolean {
  return places.some((a, i) =>
    places.some(
      (b, j) =>
        i < j &&
        a.x < b.x + b.width &&
        b.x < a.x + a.width &&
        a.y < b.y + b.height &&
        b.y < a.y + a.height,
    ),
  );
}

function leaves({ places, plane }: Arrangement): boolean {
  return places.some(
    (place) =>
      place.x < 0 ||
      place.y < 0 ||
      place.x + place.width > plane.width + 1 ||
      place.y + place.height > plane.height + 1,
  );
}

describe("in every area", () => {
  test("no tile covers another or leaves the plane", () => {
    fc.assert(
      fc.property(areas, fc.integer({ min: 1, max: 60 }), (area, count) => {
        const grid = gridOf(count, area, 12);
        expect(grid.places).toHaveLength(count);
        expect(overlaps(grid)).toBe(false);
        expect(leaves(grid)).toBe(false);
        const stage = stageOf(count, count - 1, area, 12);
        expect(stage.places).toHaveLength(count);
        expect(overlaps(stage)).toBe(false);
        expect(leaves(stage)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

test("the stage is larger than everything in the strip", () => {
  for (const area of [desktop, phone]) {
    const { places } = stageOf(6, 2, area, 12);
    const stage = places[2];
    for (const place of places.filter((each) => each !== stage)) {
      expect((stage?.width ?? 0) * (stage?.height ?? 0)).toBeGreaterThan(
        place.width * place.height,
      );
    }
  }
});

// A line of what happened must not cover a name, on whatever screen.
test.each([
  [4, desktop],
  [25, desktop],
  [6, phone],
  [25, phone],
  [6, { width: 344, height: 146 }],
] as const)("above the names of %i tiles in %j there is room for a line", (count, area) => {
  const arranged = gridOf(count, area, 8);
  const headroom = headroomOf(arranged);
  expect(headroom).toBeGreaterThanOrEqual(2 + 32);
  for (const { y, height } of arranged.places) {
    expect(headroom).toBeLessThan(y + height - 28);
  }
});
