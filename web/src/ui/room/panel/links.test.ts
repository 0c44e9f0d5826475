import * as fc from "fast-check";
import { expect, test } from "vitest";
import { piecesOf } from "./links";

const hrefs = (text: string) => piecesOf(text).flatMap((piece) => piece.href ?? []);

test.each([
  ["see https://example.org/a?b=c.", ["https://example.org/a?b=c"]],
  ["(https://example.org/x)", ["https://example.org/x"]],
  ["https://en.wikipedia.org/wiki/Mesh_(net)", ["https://en.wikipedia.org/wiki/Mesh_(net)"]],
  ["HTTP://A.example and https://b.example!", ["HTTP://A.example", "https://b.example"]],
  ["no link", []],
  ["https://", []],
])("the links of %j", (text, expected) => {
  expect(hrefs(text)).toEqual(expected);
});

// Other schemes run script or leave the browser.
test.each([
  "javascript:alert(1)",
  "data:text/html,x",
  "mailto:a@b.example",
  "JaVaScRiPt://x%0aalert(1)",
])("%j is no link", (text) => {
  expect(hrefs(text)).toEqual([]);
});

test("nothing written is lost, and every link is of the web", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.constantFrom(
            "https://a.example/b?c=d#e",
            "http://x.y/(z)",
            "https://",
            "https://[",
            "HTTPS://A.B:99999/",
          ),
          fc.constant(" (https://x.y). "),
        ),
      ),
      (parts) => {
        const text = parts.join("");
        const pieces = piecesOf(text);
        expect(pieces.map((piece) => piece.text).join("")).toBe(text);
        for (const { href } of pieces) {
          expect(href === undefined || /^https?:$/.test(new URL(href).protocol)).toBe(true);
        }
      },
    ),
  );
});
