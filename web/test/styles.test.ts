import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { type Source, sources } from "./sources";

const sheets = new Map(sources(".css").map((sheet) => [sheet.path, sheet.text]));
const tokens = sheets.get("style/tokens.css") ?? "";
const components = sources(".tsx").filter((source) => !source.path.endsWith(".test.tsx"));

/** The class names that a component asks of its CSS module and that are not in it. */
function missing(source: Source): string[] {
  return [...source.text.matchAll(/import (\w+) from "(\.[^"]+\.module\.css)"/g)].flatMap(
    (match) => {
      const [, name = "", path = ""] = match;
      const sheet = sheets.get(posix.join(posix.dirname(source.path), path)) ?? "";
      const used = source.text.matchAll(new RegExp(`\\b${name}(?:\\["([^"]+)"\\]|\\.(\\w+))`, "g"));
      return [...used]
        .map((use) => use[1] ?? use[2] ?? "")
        .filter((local) => !new RegExp(`\\.${local}(?![\\w-])`).test(sheet));
    },
  );
}

// A class that its sheet does not have is `undefined` and styles nothing, silently.
describe("components ask for classes that exist", () => {
  test.each(components)("$path", (source) => {
    expect(missing(source)).toEqual([]);
  });
});

describe("style sheets use the tokens", () => {
  const modules = sources(".module.css");

  test("there are tokens", () => {
    expect(tokens).toContain("--accent: #4fd1a5");
  });

  // A literal colour is right in one of dark and light at most.
  test.each(modules)("$path has no colour of its own", (sheet) => {
    expect(sheet.text.match(/#[0-9a-f]{3,8}\b/gi) ?? []).toEqual([]);
  });

  // A misspelt token falls back to nothing, silently. A module may set properties of its own.
  test.each(modules)("$path uses properties that are set somewhere", (sheet) => {
    const scripts = components.map((source) => source.text).join("\n");
    const used = [...sheet.text.matchAll(/var\((--[\w-]+)/g)].map((match) => match[1] ?? "");
    const unset = used.filter(
      (name) =>
        !(
          tokens.includes(`${name}:`) ||
          sheet.text.includes(`${name}:`) ||
          scripts.includes(`"${name}"`)
        ),
    );
    expect([...new Set(unset)]).toEqual([]);
  });
});
