import { options } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { drawByFrame } from "./frames";

let frame: () => void = () => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("requestAnimationFrame", (act: () => void) => {
    frame = act;
    return 1;
  });
  vi.stubGlobal("cancelAnimationFrame", () => undefined);
  drawByFrame();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  delete options.debounceRendering;
});

test("what changes is drawn with the next frame, once", () => {
  const draw = vi.fn();
  options.debounceRendering?.(draw);
  expect(draw).not.toHaveBeenCalled();
  frame();
  vi.advanceTimersByTime(1_000);
  expect(draw).toHaveBeenCalledTimes(1);
});

// A page that nobody sees has no frames, and its title still tells what happens.
test("where there are no frames, it is drawn soon", () => {
  const draw = vi.fn();
  options.debounceRendering?.(draw);
  vi.advanceTimersByTime(1_000);
  expect(draw).toHaveBeenCalledTimes(1);
});
