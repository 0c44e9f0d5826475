import { expect, test } from "vitest";
import { qrPath } from "./qr";
import { asText, mailto } from "./text";

const meeting = {
  title: "Ada & Bea?\r\nBcc: eve@example.org",
  link: "https://meet.example.org/join/Zk3v#pX2",
  meetingId: "482-913-006",
  password: "204815",
};

test("the text has everything that lets somebody in, as it is typed", () => {
  expect(asText(meeting)).toContain(meeting.link);
  expect(asText(meeting)).toContain(meeting.meetingId);
  expect(asText(meeting)).toContain(meeting.password);
});

// A title with a line break or an ampersand must not write headers into somebody's mail.
test("a title stays inside the subject", () => {
  const url = new URL(mailto(meeting));
  expect([...url.searchParams.keys()]).toEqual(["subject", "body"]);
  expect(mailto(meeting)).not.toMatch(/[\r\n]/);
});

test("a QR code is drawn inside its square", () => {
  const { side, path } = qrPath(meeting.link);
  const numbers = [...path.matchAll(/M(\d+) (\d+)h(\d+)/g)].map((match) =>
    match.slice(1).map(Number),
  );
  expect(numbers.length).toBeGreaterThan(100);
  for (const [x = 0, y = 0, run = 0] of numbers) {
    expect(x).toBeGreaterThanOrEqual(2);
    expect(y).toBeGreaterThanOrEqual(2);
    expect(x + run).toBeLessThanOrEqual(side - 2);
  }
});
