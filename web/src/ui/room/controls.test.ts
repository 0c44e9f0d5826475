import { expect, test } from "vitest";
import { fitting, order } from "./controls";

const phone = { control: 46, leave: 46, gap: 8 };
const desktop = { control: 52, leave: 84, gap: 10 };

test("the narrowest phone keeps what is needed at once", () => {
  const { shown, behind } = fitting({ bar: 344, ...phone });
  expect(shown).toEqual(["microphone", "camera", "screen", "chat"]);
  expect(behind).toContain("people");
});

test("a desktop has everything of a meeting in the bar", () => {
  const { shown, behind } = fitting({ bar: 1408, ...desktop });
  expect(shown).toEqual(order.slice(0, 8));
  expect(behind).toEqual(["layout", "settings", "keys"]);
});

// A control that is in neither place is gone for everybody on that screen.
test("each control is in one place, and the bar never overflows", () => {
  for (let bar = 320; bar < 1000; bar += 7) {
    const { shown, behind } = fitting({ bar, ...phone });
    expect([...shown, ...behind].sort()).toEqual([...order].sort());
    const used = (shown.length + 1) * (phone.control + phone.gap) + phone.leave;
    expect(used).toBeLessThanOrEqual(bar);
  }
});
