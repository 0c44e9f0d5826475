import { expect, test } from "vitest";
import { bitrate, clock, dayAndClock, millis, percent } from "./format";

const now = new Date(2026, 10, 22, 16, 0);

// A meeting of late last evening is "yesterday", however few hours ago it was.
test.each([
  [new Date(2026, 10, 22, 14, 30), "today, 14:30"],
  [new Date(2026, 10, 21, 23, 59), "yesterday, 23:59"],
  [new Date(2026, 10, 23, 0, 1), "tomorrow, 00:01"],
  [new Date(2026, 10, 12, 9, 5), "12 Nov, 09:05"],
  [new Date(2025, 10, 12, 9, 5), "12 Nov 2025, 09:05"],
])("%s", (date, shown) => {
  expect(dayAndClock(date, now, "en-GB")).toBe(shown);
});

test("figures carry their unit", () => {
  expect(clock(new Date(2026, 0, 1, 7, 5), "en-GB")).toBe("07:05");
  expect(bitrate(1437, "en-GB")).toBe("1.4 Mb/s");
  expect(bitrate(320.4, "en-GB")).toBe("320 kb/s");
  expect(millis(12.4, "en-GB")).toBe("12 ms");
  expect(percent(0.42, "en-GB")).toBe("0.4%");
});
