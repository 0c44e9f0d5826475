import { describe, expect, test } from "vitest";
import { choicesOf, exists, pick } from "./choice";
import { loudness } from "./level";
import { troubleOf } from "./trouble";

const list = [
  { id: "a", label: "A" },
  { id: "b", label: "B" },
];

describe("the device to use", () => {
  // A headset that is unplugged must not leave a person without any microphone.
  test.each([
    ["the one in use", "b", "a", "b"],
    ["the wished one, when the one in use is gone", "gone", "b", "b"],
    ["the first, when neither is there", "gone", "gone", "a"],
    ["the first, when nothing was ever wished", undefined, undefined, "a"],
  ])("%s", (_, inUse, wished, want) => {
    expect(pick(list, inUse, wished)).toBe(want);
  });

  test("none, when there is none", () => {
    expect(pick([], "a", "a")).toBeUndefined();
  });
});

// Without a permission browsers list devices without names: a menu of blanks helps nobody.
test("unnamed devices exist but are no choice", () => {
  const devices = [
    { kind: "videoinput", deviceId: "", label: "" },
    { kind: "audiooutput", deviceId: "x", label: "Speakers" },
  ] as const;
  expect(choicesOf(devices)).toEqual({
    microphone: [],
    camera: [],
    speaker: [{ id: "x", label: "Speakers" }],
  });
  expect(exists(devices, "camera")).toBe(true);
  expect(exists(devices, "microphone")).toBe(false);
});

test.each([
  ["NotAllowedError", "denied"],
  ["NotFoundError", "missing"],
  ["NotReadableError", "busy"],
  ["TypeError", "unsupported"],
])("%s is told as %s", (name, want) => {
  const error = new Error("x");
  error.name = name;
  expect(troubleOf(error)).toBe(want);
  expect(troubleOf("no error at all")).toBe("unsupported");
});

// A meter that never rests at 0 says "speaking" for silent rooms.
test("loudness is 0 for silence, 1 for a full voice, and rises between", () => {
  const tone = (amplitude: number) =>
    Float32Array.from({ length: 1024 }, (_, i) => amplitude * Math.sin(i / 5));
  expect(loudness(new Float32Array(1024))).toBe(0);
  expect(loudness(new Float32Array(0))).toBe(0);
  expect(loudness(tone(1))).toBe(1);
  expect(loudness(tone(0.1))).toBeGreaterThan(loudness(tone(0.01)));
});
