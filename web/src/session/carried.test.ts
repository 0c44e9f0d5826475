import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Flow } from "../link/incoming";
import type { Link } from "../link/link";
import { kindOf } from "../link/shape";
import type { Envelope } from "../protocol/codec";
import { type Carrier, chosenOf, covers } from "./carried";
import { Hearsay } from "./hearsay";
import { Reach } from "./reach";

const flow = (
  from: string,
  source: Flow["source"],
  by: string,
  live = true,
  settled = live,
): Flow => ({
  from,
  source,
  track: { id: `${by}:${from}/${source}`, kind: kindOf[source] } as MediaStreamTrack,
  live,
  settled,
});

const by = (
  purpose: Carrier["line"]["purpose"],
  flows: readonly Flow[],
  rest: { readonly draining?: boolean; readonly up?: boolean } = {},
): Carrier => ({
  line: { purpose, draining: rest.draining === true },
  up: rest.up !== false,
  flows,
});

const shown = (...carriers: Carrier[]) => chosenOf(carriers).map(({ track }) => track.id);

describe("a source that comes by two links", () => {
  // The whole of moving without a gap: the old picture stays until the new one is there.
  test("is shown by the old one until the new one goes on arriving, then by that", () => {
    const old = by("mesh", [flow("bob", "camera", "mesh")], { draining: true });
    expect(shown(old, by("sfu", [flow("bob", "camera", "star", false)]))).toEqual([
      "mesh:bob/camera",
    ]);
    expect(shown(old, by("sfu", [flow("bob", "camera", "star", true, false)]))).toEqual([
      "mesh:bob/camera",
    ]);
    expect(shown(old, by("sfu", [flow("bob", "camera", "star")]))).toEqual(["star:bob/camera"]);
  });

  // What is attached with its first frame is seen with its second: a frame more
  // that is missed. A tile holds the last picture until then.
  test("is to be shown and heard by the standby as soon as that has a slot for it, once the SFU is dead", () => {
    for (const source of ["camera", "mic"] as const) {
      const dead = by("standby", [flow("bob", source, "dead")], { up: false });
      const next = (up: boolean) => by("sfu", [flow("bob", source, "new", false)], { up });
      expect(shown(dead, next(true))).toEqual([`new:bob/${source}`]);
      expect(shown(dead, next(false))).toEqual([`dead:bob/${source}`]);
      expect(shown(dead, by("sfu", []))).toEqual([`dead:bob/${source}`]);
    }
  });

  // The first half second of a sound is patched up, while the old one comes as it was.
  test("is heard by the old one until the new one has settled, unless the old one is dead", () => {
    const sfu = by("sfu", [flow("bob", "mic", "star", true, false)]);
    const old = (up: boolean) => by("mesh", [flow("bob", "mic", "mesh")], { draining: true, up });
    expect(shown(old(true), sfu)).toEqual(["mesh:bob/mic"]);
    expect(shown(old(false), sfu)).toEqual(["star:bob/mic"]);
    expect(shown(sfu)).toEqual(["star:bob/mic"]);
    expect(shown(old(true), by("sfu", [flow("bob", "mic", "star")]))).toEqual(["star:bob/mic"]);
  });

  test("which of the links comes first does not matter", () => {
    const mesh = by("mesh", [flow("bob", "mic", "mesh"), flow("cy", "mic", "mesh")]);
    const sfu = by("sfu", [flow("cy", "mic", "star", false)]);
    expect(new Set(shown(sfu, mesh))).toEqual(new Set(shown(mesh, sfu)));
  });
});

describe("a link covers another", () => {
  const mesh = [flow("bob", "mic", "mesh"), flow("bob", "camera", "mesh")];

  test("when everything of somebody that came by that one comes by this", () => {
    const star = [flow("bob", "mic", "star"), flow("bob", "camera", "star")];
    expect(covers(star, mesh, "bob", 6)).toBe(true);
    expect(covers(star.slice(1), mesh, "bob", 6)).toBe(false);
    expect(covers([], [flow("cy", "mic", "mesh")], "bob", 6)).toBe(true);
    const late = [flow("bob", "mic", "star"), flow("bob", "camera", "star", false)];
    expect(covers(late, mesh, "bob", 6)).toBe(false);
    const unsettled = [flow("bob", "mic", "star", true, false), flow("bob", "camera", "star")];
    expect(covers(unsettled, mesh, "bob", 6)).toBe(false);
  });

  // Only the loudest have a slot: who is silent would hold the old link for ever.
  test("when its slots for sound are all in use by others", () => {
    const busy = ["cy", "dan"].map((id) => flow(id, "mic", "star"));
    const star = [...busy, flow("bob", "camera", "star")];
    expect(covers(star, mesh, "bob", 2)).toBe(true);
    expect(covers(star, mesh, "bob", 6)).toBe(false);
  });
});

const link = (peer: string, takes = true) => {
  const sent: unknown[] = [];
  const send = (message: unknown) => takes && sent.push(message) > 0;
  const fake = { peer, sent, send };
  return fake as unknown as Link & { readonly sent: readonly unknown[] };
};

describe("what an SFU says whom it has", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test("reaches the room's core once their media has been here for a while", () => {
    const told: string[] = [];
    let covered = false;
    const hearsay = new Hearsay({
      covered: (_, peer) => covered || peer === "cy",
      heard: (via, peers) => told.push(`${via}: ${peers.join(" ")}`),
    });
    const sfu = link("dan");
    expect(hearsay.take(sfu, ["bob", "cy"])).toEqual(["bob", "cy"]);
    vi.advanceTimersByTime(1000);
    expect(told.at(-1)).toBe("dan: cy");
    covered = true;
    hearsay.look();
    expect(told.at(-1)).toBe("dan: cy");
    vi.advanceTimersByTime(1000);
    expect(told.at(-1)).toBe("dan: bob cy");
    expect(hearsay.via("bob")).toBe(sfu);
    hearsay.keep([]);
    expect(hearsay.via("bob")).toBeUndefined();
    hearsay.end();
  });

  // The SFU may take a picture back a moment later: the mesh link must still be there then.
  test("begins to wait anew when something of theirs stops coming", () => {
    const told: (readonly string[])[] = [];
    let covered = true;
    const hearsay = new Hearsay({
      covered: () => covered,
      heard: (_, peers) => told.push(peers),
    });
    hearsay.take(link("dan"), ["bob"]);
    vi.advanceTimersByTime(900);
    covered = false;
    hearsay.look();
    covered = true;
    hearsay.look();
    vi.advanceTimersByTime(900);
    expect(told.at(-1)).toEqual([]);
    vi.advanceTimersByTime(1200);
    expect(told.at(-1)).toEqual(["bob"]);
    hearsay.end();
  });

  // It says so every five seconds, and the core forgets who was not heard of for longer.
  test("is passed on whenever it is said again", () => {
    let often = 0;
    const hearsay = new Hearsay({ covered: () => true, heard: () => often++ });
    const sfu = link("dan");
    hearsay.take(sfu, ["bob"]);
    vi.advanceTimersByTime(1000);
    often = 0;
    expect(hearsay.take(sfu, ["bob"])).toEqual([]);
    expect(often).toBe(1);
    hearsay.end();
  });
});

describe("an envelope", () => {
  const envelope = { kind: "directive" } as Envelope;
  const reach = (links: readonly Link[], via: Readonly<Record<string, Link>>, all: string[]) => {
    const broadcast: Envelope[] = [];
    const made = new Reach({
      links: () => links,
      to: (peer) => links.find((each) => each.peer === peer),
      via: (peer) => via[peer],
      broadcast: (each) => broadcast.push(each),
      everybody: () => all,
    });
    return { made, broadcast };
  };

  test("goes over each link once, and to the SFU once for all it has", () => {
    const [dan, eve] = [link("dan"), link("eve")];
    const { made } = reach([dan, eve], { bob: dan, cy: dan }, ["bob", "cy", "dan", "eve"]);
    expect(made.spread(envelope)).toEqual([]);
    expect([dan.sent.length, eve.sent.length]).toEqual([1, 1]);
  });

  test("misses who has neither a link nor an SFU that takes it", () => {
    const dan = link("dan", false);
    const { made } = reach([dan], { cy: dan }, ["cy", "dan", "help"]);
    expect(made.spread(envelope)).toEqual(["cy", "dan", "help"]);
  });

  // A helper in a mesh has no link at all, and must hear that it is to carry the room.
  test("of the room's own affairs reaches them by the rendezvous", () => {
    const bob = link("bob");
    const { made, broadcast } = reach([bob], {}, ["bob", "help"]);
    made.show("bob", envelope);
    expect(broadcast).toEqual([]);
    made.show("help", envelope);
    made.show(undefined, envelope);
    made.proclaim(envelope);
    expect(broadcast).toHaveLength(3);
  });
});
