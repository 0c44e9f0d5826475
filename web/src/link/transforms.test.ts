import { afterEach, expect, test, vi } from "vitest";
import { Transforms } from "./transforms";

afterEach(() => {
  vi.unstubAllGlobals();
});

// Guards against a meeting that stays dark without a word.
test("a worker that does not load, or breaks, is told", () => {
  const made: { onerror: (() => void) | null }[] = [];
  class Broken {
    onerror: (() => void) | null = null;
    constructor() {
      made.push(this);
    }
    postMessage(): void {}
    terminate(): void {}
  }
  vi.stubGlobal("Worker", Broken);
  const transforms = new Transforms(new Uint8Array(32));
  expect(transforms.failed.value).toBe(false);
  made[0]?.onerror?.();
  expect(transforms.failed.value).toBe(true);
  transforms.close();
  expect(made[0]?.onerror).toBeNull();
});
