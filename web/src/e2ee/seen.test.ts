import fc from "fast-check";
import { expect, test } from "vitest";
import { firstHorizon, horizon, maxWindows, Seen } from "./seen";
import { windowSize } from "./window";

// Guards the rule for what may be shown against its words: once on a line, no
// more than the window below the line's newest, 4096 below the newest of all
// lines, and 256 when it is the first on its line.
test("what was seen is what the rule says", () => {
  const step = fc.record({
    line: fc.nat(2),
    by: fc.oneof(
      ...[2, firstHorizon + 1, windowSize + 1, horizon + 1].map((near) =>
        fc.integer({ min: -near, max: near }),
      ),
    ),
    authentic: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.constantFrom(0, 2 ** 40), fc.array(step, { maxLength: 150 }), (from, steps) => {
      const origin = { highest: -1 };
      const lines = [0, 1, 2].map(() => ({
        seen: new Seen(),
        taken: new Set<number>(),
        newest: -1,
      }));
      for (const { line, by, authentic } of steps) {
        const on = lines[line];
        if (on === undefined) {
          continue;
        }
        const top = Math.max(-1, ...lines.map(({ newest }) => newest));
        const ctr = Math.max(0, (top < 0 ? from : top) + by);
        const first = on.taken.size === 0;
        const want = first
          ? top - ctr <= firstHorizon
          : top - ctr <= horizon && !on.taken.has(ctr) && on.newest - ctr < windowSize;
        expect(on.seen.fresh(origin, ctr)).toBe(want);
        if (want && authentic) {
          on.seen.take(origin, ctr);
          on.taken.add(ctr);
          on.newest = Math.max(on.newest, ctr);
          expect(origin.highest).toBe(Math.max(top, ctr));
        }
      }
    }),
  );
});

// Guards a page's memory.
test("a line forgets the oldest of its origins", () => {
  const seen = new Seen();
  const origins = Array.from({ length: maxWindows + 1 }, () => ({ highest: -1 }));
  for (const origin of origins) {
    seen.take(origin, 7);
  }
  expect(origins.map((origin) => seen.fresh(origin, 7))).toEqual(origins.map((_, i) => i === 0));
});
