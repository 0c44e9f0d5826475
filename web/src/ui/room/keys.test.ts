import { expect, test } from "vitest";
import { commandOf, type Stroke } from "./keys";

const plain: Stroke = {
  key: "m",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  on: "page",
};

test.each([
  ["m", "microphone"],
  ["M", "microphone"],
  ["v", "camera"],
  ["s", "screen"],
  ["c", "chat"],
  ["p", "people"],
  ["h", "hand"],
  ["l", "layout"],
  [" ", "talk"],
  ["?", "help"],
  ["Escape", "close"],
  ["x", undefined],
  ["constructor", undefined],
])("%j is %s", (key, command) => {
  expect(commandOf({ ...plain, key }, true)).toBe(command);
});

// "Mute" while writing an m, or copying by Ctrl+C opening the chat, would be maddening.
test("typing and the browser's own shortcuts are left alone", () => {
  expect(commandOf({ ...plain, on: "text" }, true)).toBeUndefined();
  expect(commandOf({ ...plain, key: "c", ctrlKey: true }, true)).toBeUndefined();
  expect(commandOf({ ...plain, repeat: true }, true)).toBeUndefined();
});

test("the space bar presses a focused button instead of talking", () => {
  expect(commandOf({ ...plain, key: " ", on: "control" }, true)).toBeUndefined();
  expect(commandOf({ ...plain, on: "control" }, true)).toBe("microphone");
});

// WCAG 2.1.4: single keys can be turned off; Escape is no character.
test("without single keys only Escape works", () => {
  expect(commandOf(plain, false)).toBeUndefined();
  expect(commandOf({ ...plain, key: "Escape", on: "text" }, false)).toBe("close");
});
