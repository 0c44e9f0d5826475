import fc from "fast-check";
import { expect, test } from "vitest";
import { Window, windowSize } from "./window";

// Guards the bitmap against its model, a set of everything taken: nothing twice,
// nothing too old, everything else.
test("a window is a set of the last counters", () => {
  const step = fc.record({
    by: fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: -windowSize - 2, max: windowSize + 2 }),
    ),
    authentic: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.constantFrom(0, 5000, 2 ** 52), fc.array(step), (from, steps) => {
      const window = new Window();
      const taken = new Set<number>();
      let highest = -1;
      for (const { by, authentic } of steps) {
        const ctr = Math.max(0, (highest < 0 ? from : highest) + by);
        const fresh = !taken.has(ctr) && (ctr > highest || highest - ctr < windowSize);
        expect(window.fresh(ctr)).toBe(fresh);
        if (authentic) {
          window.take(ctr);
          taken.add(ctr);
          highest = Math.max(highest, ctr);
          expect(window.fresh(ctr)).toBe(false);
        }
      }
    }),
  );
});

test("a window is exactly as wide as it says, and a leap leaves no old marks", () => {
  const window = new Window();
  expect(window.fresh(0)).toBe(true);
  window.take(0);
  window.take(windowSize);
  expect([window.fresh(0), window.fresh(1)]).toEqual([false, true]);

  const far = Number.MAX_SAFE_INTEGER;
  window.take(far);
  expect([window.fresh(far), window.fresh(windowSize)]).toEqual([false, false]);
  expect([window.fresh(far - windowSize + 1), window.fresh(far - windowSize)]).toEqual([
    true,
    false,
  ]);
});
