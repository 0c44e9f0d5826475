import { signal } from "@preact/signals-core";
import { expect, test } from "vitest";
import type { Link } from "../link/link";
import type { ControlMessage } from "../protocol/codec";
import type { Gathering } from "./gathering";
import type { Links } from "./links";
import { Star } from "./star";

/** A star of nobody but Bea, to whom there is a link with her session 2 where `takes` is given. */
function starOf(takes: boolean | undefined) {
  const passed: ControlMessage[] = [];
  const signalled: string[] = [];
  const link = {
    peer: "bea",
    peerSession: 2,
    send: (message: ControlMessage) => {
      takes && passed.push(message);
      return takes === true;
    },
  } as unknown as Link;
  const star = new Star({
    self: "ada",
    session: () => 1,
    gathering: { roster: signal([]), everybody: () => ["bea"] } as unknown as Gathering,
    links: {
      to: () => (takes === undefined ? undefined : link),
      all: () => [],
    } as unknown as Links,
    connected: () => true,
    signal: (to) => signalled.push(to),
    broadcast: () => undefined,
    reached: () => undefined,
    receive: () => undefined,
    take: () => undefined,
  });
  return { star, passed, signalled };
}

// Guards against a rendezvous that keeps an epoch back from whom a link reaches.
test("an epoch goes by the link with somebody, whether or not the rendezvous is there", () => {
  const { star, passed, signalled } = starOf(true);
  star.hand({ id: "bea", session: 2 }, "box");
  expect(passed).toEqual([{ type: "pass", from: "ada", session: 1, to: "bea", box: "box" }]);
  expect(signalled).toEqual([]);
});

test("without one, with one that takes nothing, or one to the session before it goes as anything does", () => {
  const none = starOf(undefined);
  none.star.hand({ id: "bea", session: 2 }, "box");
  const full = starOf(false);
  full.star.hand({ id: "bea", session: 2 }, "box");
  const old = starOf(true);
  old.star.hand({ id: "bea", session: 3 }, "box");
  expect([none.signalled, full.signalled, old.signalled]).toEqual([["bea"], ["bea"], ["bea"]]);
  expect(old.passed).toEqual([]);
});
