import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodingFor, sameEncoding, simulcastFor } from "./encoding";

const hd = { width: 1280, height: 720 };
const camera = (width: number, height: number) => [{ source: "camera", width, height }] as const;

// The rule of the whole design: what nobody shows costs no bytes.
test("what is not shown is not sent", () => {
  expect(encodingFor("camera", [], hd).active).toBe(false);
  expect(encodingFor("mic", [], undefined).active).toBe(false);
  expect(encodingFor("screen", camera(640, 360), hd).active).toBe(false);
  expect(encodingFor("camera", camera(640, 360), hd).active).toBe(true);
});

test("until a peer has said what it shows, everything flows, in a middling size", () => {
  expect(encodingFor("camera", undefined, hd)).toMatchObject({
    active: true,
    scaleResolutionDownBy: 2,
  });
  expect(encodingFor("mic", undefined, undefined)).toMatchObject({ active: true });
});

test.each([
  ["a tile as large as the picture", 1280, 720, 1],
  ["a tile that is larger still", 3840, 2160, 1],
  ["a quarter", 640, 360, 2],
  ["an eighth", 320, 180, 4],
  ["a thumbnail", 64, 36, 8],
  ["a tall tile, which is filled by its height", 360, 640, 1],
])("%s", (_, width, height, scale) => {
  expect(encodingFor("camera", camera(width, height), hd).scaleResolutionDownBy).toBe(scale);
});

test("a picture is never scaled below what is shown by more than a tenth, nor up", () => {
  const pixels = fc.integer({ min: 1, max: 4096 });
  fc.assert(
    fc.property(pixels, pixels, pixels, pixels, (width, height, w, h) => {
      const { scaleResolutionDownBy: scale = 1, maxBitrate } = encodingFor(
        "camera",
        camera(width, height),
        { width: w, height: h },
      );
      expect(scale).toBeGreaterThanOrEqual(1);
      expect(scale === 1 || w / scale >= (width / 1.1) * 0.999 || h / scale >= height / 1.11).toBe(
        true,
      );
      expect(maxBitrate).toBeGreaterThanOrEqual(150_000);
      expect(maxBitrate).toBeLessThanOrEqual(2_500_000);
    }),
  );
});

// Each change costs a key frame: a tile that is dragged by a few pixels must cost none.
test("nearly the same size is the same encoding", () => {
  const a = encodingFor("camera", camera(640, 360), hd);
  const b = encodingFor("camera", camera(612, 344), hd);
  expect(sameEncoding(a, b)).toBe(true);
});

describe("a camera in layers", () => {
  const active = (views: Parameters<typeof simulcastFor>[0], captured = hd) =>
    simulcastFor(views, captured).map((layer) => layer.active);

  test("is sent up to the layer that is as large as anybody shows it", () => {
    expect(active(camera(1280, 720))).toEqual([true, true, true]);
    expect(active(camera(640, 360))).toEqual([true, true, false]);
    expect(active(camera(400, 225))).toEqual([true, true, false]);
    expect(active(camera(320, 180))).toEqual([true, false, false]);
    expect(active(camera(64, 36))).toEqual([true, false, false]);
  });

  // Nobody shows it: not even the smallest layer leaves this machine.
  test("is not sent at all when nobody shows it", () => {
    expect(active([])).toEqual([false, false, false]);
    expect(active([{ source: "screen", width: 1280, height: 720 }])).toEqual([false, false, false]);
  });

  test("is sent in a middling size until the SFU has said what is shown, and whole when it names no size", () => {
    expect(active(undefined)).toEqual([true, true, false]);
    expect(active(camera(0, 0))).toEqual([true, true, true]);
  });

  test("of a small camera has no layer that shows nothing", () => {
    expect(active(camera(640, 360), { width: 320, height: 180 })).toEqual([false, true, true]);
    expect(active(camera(40, 30), { width: 160, height: 120 })).toEqual([false, false, true]);
  });

  test("always has some layer where it is asked for, and layers differ by their size", () => {
    const pixels = fc.integer({ min: 1, max: 4096 });
    fc.assert(
      fc.property(pixels, pixels, pixels, pixels, (width, height, w, h) => {
        const layers = simulcastFor(camera(width, height), { width: w, height: h });
        expect(layers.some((layer) => layer.active)).toBe(true);
        expect(layers.map((layer) => layer.scaleResolutionDownBy)).toEqual([4, 2, 1]);
      }),
    );
  });
});
