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

// A standby that takes over was asked only when this end's senders had answered,
// while nobody saw anything.
test("what is shown is asked for before one's own senders are", () => {
  const did: string[] = [];
  const terms = new Terms({
    self: "bea",
    only: undefined,
    incoming: { forget: () => undefined } as unknown as Incoming,
    outgoing: { presume: () => did.push("sends") } as unknown as Outgoing,
    send: ({ type }) => did.push(type) > 0,
  });
  terms.setShown([]);
  terms.setShown([{ from: "ada", source: "camera", width: 640, height: 360 }]);
  expect(did).toEqual(["view", "view", "sends"]);
});
