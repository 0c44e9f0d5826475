import { expect, test } from "vitest";
import type { ConnectionLine } from "../../../session/model";
import { pairs, pictureOf, toneOf, widthOf } from "./picture";

const line = (from: string, to: string, rest: Partial<ConnectionLine> = {}): ConnectionLine => ({
  from,
  to,
  state: "good",
  rttMillis: undefined,
  sendKbps: undefined,
  receiveKbps: undefined,
  lossPercent: undefined,
  relayed: false,
  ...rest,
});

const ids = ["a", "b", "c", "d"];

test("the SFU is in the middle of its star", () => {
  const lines = [line("a", "d"), line("b", "d"), line("c", "d")];
  const { dots, strokes, width, height } = pictureOf(ids, {
    topology: "star",
    sfu: "d",
    lines,
  });
  const hub = dots.find((dot) => dot.id === "d");
  expect(hub).toMatchObject({ x: width / 2, y: height / 2, isHub: true });
  expect(strokes).toHaveLength(3);
});

test("everybody stays inside the picture, however many", () => {
  for (let count = 1; count <= 100; count++) {
    const many = Array.from({ length: count }, (_, at) => String(at));
    const picture = pictureOf(many, { topology: "mesh", sfu: undefined, lines: [] });
    for (const { x, y, radius } of picture.dots) {
      expect(x - radius).toBeGreaterThanOrEqual(0);
      expect(x + radius).toBeLessThanOrEqual(picture.width);
      expect(y - radius).toBeGreaterThanOrEqual(0);
      expect(y + radius).toBeLessThanOrEqual(picture.height);
    }
  }
});

// Both ends may be told; the figures of one's own must win over the plan's bare line.
test("a pair is one line, the one with figures", () => {
  expect(pairs([line("a", "b"), line("b", "a", { rttMillis: 12 })])).toEqual([
    line("b", "a", { rttMillis: 12 }),
  ]);
});

test("a line of somebody who just left is not drawn", () => {
  const lines = [line("a", "gone")];
  expect(pictureOf(ids, { topology: "mesh", sfu: undefined, lines }).strokes).toEqual([]);
});

test.each([
  [undefined, "unknown"],
  [12, "quick"],
  [148, "fair"],
  [800, "slow"],
])("%s ms is %s", (rtt, tone) => {
  expect(toneOf(rtt)).toBe(tone);
});

test("more bits are thicker, within bounds", () => {
  const idle = widthOf(line("a", "b"));
  const busy = widthOf(line("a", "b", { sendKbps: 1200, receiveKbps: 1400 }));
  expect(idle).toBe(1.5);
  expect(busy).toBeGreaterThan(idle);
  expect(widthOf(line("a", "b", { sendKbps: 1e9 }))).toBe(6);
});
