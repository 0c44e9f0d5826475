import { afterEach, expect, test, vi } from "vitest";
import { gently } from "./breath";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

// A page that is busy all the time would never have made the link that it moves to.
test("what is done gently is done in the end, where the page never has time", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  vi.stubGlobal("document", { visibilityState: "visible" });
  let asked = 0;
  vi.stubGlobal("requestIdleCallback", (act: (deadline: unknown) => void) => {
    asked++;
    act({ timeRemaining: () => 0 });
  });
  const pace = gently();
  await pace();
  await pace();
  expect(asked).toBe(2);
  vi.advanceTimersByTime(601);
  await pace();
  expect(asked).toBe(2);
});

test("as many steps as the page has time for are one after the other", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  vi.stubGlobal("document", { visibilityState: "visible" });
  let asked = 0;
  vi.stubGlobal("requestIdleCallback", (act: (deadline: unknown) => void) => {
    asked++;
    act({ timeRemaining: () => 12 });
  });
  const pace = gently();
  await pace();
  vi.advanceTimersByTime(6);
  await pace();
  expect(asked).toBe(1);
  vi.advanceTimersByTime(4);
  await pace();
  expect(asked).toBe(2);
});
