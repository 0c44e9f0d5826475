import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Choice, choose, type ElectInput } from "./elect";

interface Vector {
  readonly name: string;
  readonly input: ElectInput;
  readonly want: Choice;
}

const file = fileURLToPath(
  new URL("../../../pkg/elect/testdata/vectors/choose.json", import.meta.url),
);
const vectors = JSON.parse(readFileSync(file, "utf8")) as readonly Vector[];

describe("the choice of a topology", () => {
  // Guards that a browser in the chair chooses what a node in the chair would.
  test.each(vectors)("$name", ({ input, want }) => {
    expect(choose({ ...input, members: input.members ?? [] })).toEqual(want);
  });
});
