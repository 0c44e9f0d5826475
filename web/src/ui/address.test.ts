import { describe, expect, test } from "vitest";
import { caretAfter, isWholeId, pastedInvitation, withDashes, withoutGap } from "./address";

test.each([
  ["", ""],
  ["48", "48"],
  ["482", "482"],
  ["4829", "482-9"],
  ["482-913", "482-913"],
  ["482913006", "482-913-006"],
  [" 482 913 006 ", "482-913-006"],
  ["ID: 482-913-0067", "482-913-006"],
])("an ID typed as %j reads %j", (typed, shown) => {
  expect(withDashes(typed)).toBe(shown);
});

test("only nine digits are a whole ID", () => {
  expect(isWholeId("482-913-006")).toBe(true);
  expect(isWholeId("482-913-00")).toBe(false);
});

// A caret that jumps to the end makes a wrong digit in the middle uncorrectable.
test.each([
  [0, 0],
  [2, 2],
  [4, 5],
  [9, 11],
])("after %i digits the caret is at %i", (digits, caret) => {
  expect(caretAfter(digits, "482-913-006")).toBe(caret);
});

describe("a pasted invitation", () => {
  test("is found alone and inside a message", () => {
    const link = "https://meet.example.org/join/Zk3v_-9#s3cret";
    const expected = {
      origin: "https://meet.example.org",
      token: "Zk3v_-9",
      path: "/join/Zk3v_-9#s3cret",
    };
    expect(pastedInvitation(link)).toEqual(expected);
    expect(pastedInvitation(`Join us:\n${link}\nPassword: 204815`)).toEqual(expected);
  });

  test.each([
    "482-913-006",
    "https://meet.example.org/room/482-913-006",
    "javascript:alert(1)//join/x",
    "https://",
  ])("is not %j", (text) => {
    expect(pastedInvitation(text)).toBeUndefined();
  });
});

test.each([
  ["204 815", "204815"],
  [" 204815 ", "204815"],
  ["my 204 815", "my 204 815"],
])("the password %j is %j", (typed, meant) => {
  expect(withoutGap(typed)).toBe(meant);
});
