import { beforeEach, describe, expect, test } from "vitest";
import type { Participant, Welcome } from "../protocol/codec";
import { again, guest, meeting } from "./fixture";
import { Gate } from "./gate";
import { Gathering } from "./gathering";
import { Reception } from "./reception";

const ada = await guest("Ada");
const host = ada.own.id;
const bob = await guest("Bob", { host });
const id = bob.own.id;
const mallory = await guest("Mallory", { host });

const selfEntry = ada.entry();
const bobEntry = bob.entry({ n: 2, session: 2 });
const { card: _, ...bare } = mallory.entry({ n: 3, session: 3 });

let gathering: Gathering;
let gate: Gate;
let reception: Reception;

beforeEach(() => {
  gathering = new Gathering({
    self: ada.own.id,
    planned: () => undefined,
    say: () => undefined,
    show: () => undefined,
    callHelper: () => undefined,
    notice: () => undefined,
  });
  gate = new Gate({
    meetingId: meeting,
    own: ada.own,
    inside: gathering.inside,
    alarm: () => undefined,
    forget: () => undefined,
  });
  reception = new Reception({
    self: ada.own.id,
    gate,
    gathering,
    told: (entry) => gate.setEntry(entry, false),
    turnedOut: () => undefined,
    over: () => false,
  });
});

/** A welcome, taken as the session does. */
async function welcomed(roster: readonly Participant[], change: Partial<Welcome> = {}) {
  const policy = { entry: "any", mesh_max: 4 } as Welcome["policy"];
  const welcome = { self: selfEntry, roster, policy, host_id: host, ...change } as Welcome;
  const inside = await reception.welcomed(welcome);
  const { resumed = false } = welcome;
  inside && gathering.happened({ type: "welcome", ...inside, policy, resumed });
}

const inRoom = () => [...gathering.inside.value].sort();
const withKeys = () => gate.sessions.map((session) => session.id).sort();
const both = [ada.own.id, id].sort();

describe("somebody who was sent away", () => {
  const sendAway = async () => {
    await welcomed([selfEntry, bobEntry]);
    expect(withKeys()).toEqual(both);
    gate.left(id, "removed");
    gathering.happened({ type: "left", id, why: "removed" });
    expect(withKeys()).toEqual([host]);
  };

  // Nobody would see them, and they would have every key from then on.
  test("has no key when the rendezvous names them again", async () => {
    await sendAway();
    await reception.entered(bobEntry);
    expect(withKeys()).toEqual([host]);
    await welcomed([selfEntry, bobEntry]);
    expect([inRoom(), withKeys()]).toEqual([[host], [host]]);
    expect(gate.find({ id, session: 2 })).toBeUndefined();
  });

  test("has none by another card in the stay that has ended, and is seen in another", async () => {
    await sendAway();
    const { card } = await again(bob);
    await reception.entered({ ...bobEntry, session: 4, card });
    expect([inRoom(), withKeys()]).toEqual([[host], [host]]);
    await reception.entered({ ...bobEntry, n: 5, session: 5, card });
    expect([inRoom(), withKeys()]).toEqual([both, both]);
  });
});

describe("a roster that says it goes on", () => {
  // The core takes a welcome for fresh that it cannot go on from: its roster must have been judged.
  test("is judged when nothing came before it", async () => {
    await welcomed([selfEntry, bare], { resumed: true });
    expect(inRoom()).toEqual([host]);
  });

  test("is judged when it is of another session of one's own", async () => {
    await welcomed([selfEntry, bobEntry]);
    const self = { ...selfEntry, session: 9 };
    await welcomed([self, bare], { self, resumed: true });
    expect(inRoom()).toEqual([host]);
  });

  test("changes nothing when it is of the same", async () => {
    await welcomed([selfEntry, bobEntry]);
    await welcomed([selfEntry, bare], { resumed: true });
    expect([inRoom(), withKeys()]).toEqual([both, both]);
  });
});

test("who is lost has the keys for as long as their link keeps them in the room", async () => {
  await welcomed([selfEntry, bobEntry]);
  const link = { peer: id, session: 2, shape: "mesh" } as const;
  gathering.linked(link, { up: true, carrying: true, asked: true, rttMillis: 12 });
  gate.left(id, "lost");
  gathering.happened({ type: "left", id, why: "lost" });
  await welcomed([selfEntry]);
  expect([inRoom(), withKeys()]).toEqual([both, both]);
  gathering.happened({ type: "left", id, why: "left" });
  expect(withKeys()).toEqual([host]);
  expect(gate.isMember(id)).toBe(true);
});
