import { expect, test } from "vitest";
import type { Incoming } from "./incoming";
import type { Outgoing } from "./outgoing";
import { Terms } from "./terms";

function taken(only: string | undefined): readonly string[] {
  const from: string[] = [];
  const terms = new Terms({
    self: "bea",
    only,
    incoming: {
      take: (slots: readonly { from: string }[]) => from.push(...slots.map((slot) => slot.from)),
    } as unknown as Incoming,
    outgoing: {} as Outgoing,
    send: () => true,
  });
  terms.take({
    type: "slots",
    slots: [
      { mid: "0", from: "ada", source: "mic" },
      { mid: "1", from: "cem", source: "camera" },
    ],
  });
  return from;
}

// Guards against a guest who shows itself under somebody else's name.
test("in a mesh a peer tells of its own sources alone", () => {
  expect(taken("ada")).toEqual(["ada"]);
});

test("an SFU tells of everybody's", () => {
  expect(taken(undefined)).toEqual(["ada", "cem"]);
});
