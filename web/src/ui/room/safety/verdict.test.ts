import { expect, test } from "vitest";
import { notCompared, plainCode, rowsOf, verdictOf } from "./verdict";

const code = {
  words: ["amber", "river", "lamp", "field", "cloud", "stone"],
  digits: "048213",
  people: 3,
};
const next = { ...code, digits: "771204" };
const compared = { same: plainCode(code), differs: false };

test("a code is compared as it was, and its successor asks anew", () => {
  expect(verdictOf(code, notCompared)).toBe("open");
  expect(verdictOf(code, compared)).toBe("same");
  expect(verdictOf(next, compared)).toBe("renewed");
  expect(verdictOf(undefined, compared)).toBe("none");
});

// A code of one person alone would be "compared" with nobody.
test("there is nothing to compare alone", () => {
  expect(verdictOf({ ...code, people: 1 }, notCompared)).toBe("none");
});

// A new code must not make the warning go away by itself.
test("a failed comparison stays until it is made again", () => {
  const failed = { same: undefined, differs: true };
  expect(verdictOf(code, failed)).toBe("differs");
  expect(verdictOf(next, failed)).toBe("differs");
  expect(verdictOf(undefined, failed)).toBe("differs");
});

test("the words stand in two rows, and the whole code is plain text", () => {
  expect(rowsOf(code.words)).toEqual([code.words.slice(0, 3), code.words.slice(3)]);
  expect(rowsOf([])).toEqual([]);
  expect(plainCode(code)).toBe("amber river lamp field cloud stone 048213");
});
