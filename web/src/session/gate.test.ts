import { signal } from "@preact/signals-core";
import { describe, expect, test } from "vitest";
import type { Alarm } from "../e2ee/alarm";
import type { Entry } from "../e2ee/doorkeeper";
import { MembershipKey } from "../e2ee/membership";
import { toBase64Url } from "../protocol/bytes";
import { again, type Guest, guest, meeting } from "./fixture";
import { Gate } from "./gate";

const secretOf = (of: number) => toBase64Url(new Uint8Array(32).fill(of));
const belonging = { secret: secretOf(1) };

const ada = await guest("Ada", { belonging });
const host = ada.own.id;
const bob = await guest("Bob", { host, belonging });
const cyd = await guest("Cyd", { host });

function gateOf({ own }: Guest, entry?: Entry) {
  const alarms: Alarm[] = [];
  const inside = signal<ReadonlySet<string>>(new Set(everybody.map(({ id }) => id)));
  const forgotten: string[] = [];
  const gate = new Gate({
    meetingId: meeting,
    own,
    entry,
    inside,
    alarm: (each) => alarms.push(each),
    forget: ({ id }) => forgotten.push(id),
  });
  const goes = (id: string) => {
    inside.value = new Set([...inside.peek()].filter((each) => each !== id));
  };
  return { gate, alarms: alarms as readonly Alarm[], forgotten, goes };
}

const everybody = [ada.entry(), bob.entry(), cyd.entry()];
const namesOf = (list: readonly { readonly presence: { readonly name: string } }[]) =>
  list.map(({ presence }) => presence.name);

describe("whom the gate lets in", () => {
  test("by invitation is who proves it, whatever the rendezvous says", async () => {
    const { gate, alarms } = gateOf(ada);
    const roster = await gate.roster(everybody, host);
    expect(roster.map(({ via }) => via)).toEqual(["invitation", "invitation", "password"]);
    expect(gate.sessions.map(({ proved }) => proved)).toEqual([true, true, false]);
    expect(alarms).toEqual([]);
  });

  // A rendezvous that adds somebody of its own must get no link, no key and no chat to them.
  test("who has no good card does not exist", async () => {
    const { gate, alarms } = gateOf(ada);
    const { card: _, ...bare } = bob.entry();
    const swapped = cyd.entry({ card: bob.own.card });
    expect(namesOf(await gate.roster([ada.entry(), bare, swapped], host))).toEqual(["Ada"]);
    expect(alarms.map(({ code, name }) => `${code} ${name}`)).toEqual([
      "unsigned Bob",
      "unsigned Cyd",
    ]);
    expect(gate.find({ id: bob.own.id, session: 1 })).toBeUndefined();
    expect(gate.isMember(bob.own.id)).toBe(false);
  });

  test("a word without a card is about the session that is known, and about no other", async () => {
    const { gate } = gateOf(ada);
    await gate.roster(everybody, host);
    const { card: _, ...bare } = bob.entry({ presence: { ...bob.entry().presence, hand: true } });
    expect((await gate.entered(bare))?.presence.hand).toBe(true);
    expect(gate.find({ id: bob.own.id, session: 1 })).toBeDefined();
    expect(gate.find({ id: bob.own.id, session: 2 })).toBeUndefined();
    expect(await gate.entered({ ...bare, session: 2 })).toBeUndefined();
  });

  test("who was in is taken at their word about epochs later", async () => {
    const { gate } = gateOf(ada);
    await gate.roster(everybody, host);
    expect(gate.left(bob.own.id, "left")).toBe(true);
    expect(gate.left(bob.own.id, "left")).toBe(false);
    expect(gate.isMember(bob.own.id)).toBe(true);
    expect(gate.sessions.map(({ id }) => id)).toEqual([ada.own.id, cyd.own.id]);
  });

  test("somebody else named as the host raises an alarm and gets no rights", async () => {
    const { gate, alarms } = gateOf(bob);
    const roster = await gate.roster(
      [ada.entry(), bob.entry(), cyd.entry({ role: "host" })],
      cyd.own.id,
    );
    expect(roster.map(({ role }) => role)).toEqual(["host", "participant", "participant"]);
    expect(alarms.map(({ code }) => code)).toContain("other-host");
  });
});

describe("who has a key", () => {
  // The room's core may refuse whom the doorkeeper accepts: nobody would see them listen.
  test("is in the room as well", async () => {
    const { gate, goes } = gateOf(ada);
    goes(bob.own.id);
    await gate.roster(everybody, host);
    expect(gate.sessions.map(({ id }) => id)).toEqual([ada.own.id, cyd.own.id]);
    expect(gate.find({ id: bob.own.id, session: 1 })).toBeUndefined();
    expect(gate.isMember(bob.own.id)).toBe(false);
  });

  // Their links live on: without their key their picture would be dark.
  test("keeps it while the rendezvous alone has lost them", async () => {
    const { gate, goes, forgotten } = gateOf(ada);
    await gate.roster(everybody, host);
    gate.left(bob.own.id, "lost");
    expect(gate.sessions).toHaveLength(3);
    const roster = await gate.roster([ada.entry(), cyd.entry()], host);
    expect(namesOf(roster)).toEqual(["Ada", "Cyd"]);
    expect(gate.sessions).toHaveLength(3);
    goes(bob.own.id);
    expect(gate.sessions.map(({ id }) => id)).toEqual([ada.own.id, cyd.own.id]);
    expect(gate.isMember(bob.own.id)).toBe(true);
    expect(forgotten).toEqual([]); // the same session may come back
  });

  test("is judged anew while the rendezvous has lost them", async () => {
    const { gate } = gateOf(ada);
    await gate.roster(everybody, host);
    gate.left(cyd.own.id, "lost");
    gate.setEntry("invitation", false);
    expect((await gate.again()).gone).toEqual([cyd.own.id]);
  });

  test("does not have it again after having been sent away with it", async () => {
    const { gate } = gateOf(ada);
    await gate.roster(everybody, host);
    gate.left(bob.own.id, "removed");
    expect(await gate.entered(bob.entry({ n: 9 }))).toBeUndefined();
    expect(namesOf(await gate.roster(everybody, host))).toEqual(["Ada", "Cyd"]);
    expect(gate.wasSentAway(bob.own.id)).toBe(true);
    expect(gate.wasSentAway(cyd.own.id)).toBe(false);
  });

  // Each mute and unmute would have everybody judged, and every key handed on again.
  test("is the same whatever is said about their presence", async () => {
    const { gate, alarms } = gateOf(ada);
    const { card: _, ...bare } = cyd.entry();
    await gate.roster([ada.entry(), bob.entry(), bare], host);
    const before = gate.sessions;
    const hand = { ...bob.entry().presence, hand: true };
    expect((await gate.entered(bob.entry({ presence: hand })))?.presence.hand).toBe(true);
    expect(gate.sessions).toBe(before);
    expect(await gate.entered({ ...bare, presence: hand })).toBeUndefined();
    expect(alarms.map(({ code }) => code)).toEqual(["unsigned"]);
  });

  test("has none of the key before once another card is here", async () => {
    const { gate, forgotten } = gateOf(ada);
    await gate.roster(everybody, host);
    const { card } = await again(bob);
    await gate.entered(bob.entry({ session: 2, card }));
    expect(forgotten).toEqual([bob.own.id]);
    expect(gate.find({ id: bob.own.id, session: 2 })?.card).toEqual(card);
    expect(await gate.entered(bob.entry({ session: 3 }))).toBeUndefined();
  });
});

describe("where entry is by invitation", () => {
  test("who is in by password is turned out, and let in when the host allows it", async () => {
    const { gate, alarms } = gateOf(ada);
    await gate.roster(everybody, host);
    expect(gate.setEntry("invitation", false)).toBe(true);
    expect((await gate.again()).gone).toEqual([cyd.own.id]);
    expect(alarms.map(({ code }) => code)).toEqual(["uninvited"]);
    expect(gate.setEntry("any", false)).toBe(false); // the rendezvous may not relax it
    expect(gate.setEntry("any", true)).toBe(true);
    expect(namesOf((await gate.again()).changed)).toEqual(["Cyd"]);
  });

  // A rendezvous that opens the meeting before its host is there must find nobody who believes it.
  test("whoever knew it so begins with that, and accuses nobody before it is said again", async () => {
    const { gate, alarms } = gateOf(bob, "invitation");
    expect(namesOf(await gate.roster(everybody, host))).toEqual(["Ada", "Bob"]);
    expect(gate.setEntry("any", false)).toBe(false);
    expect(alarms).toEqual([]);
    expect(gate.setEntry("invitation", true)).toBe(true);
    expect((await gate.again()).changed).toEqual([]);
    expect(alarms.map(({ code }) => code)).toEqual(["uninvited"]);
  });

  test("the host begins with what it decided", async () => {
    const { gate, alarms } = gateOf(ada, "invitation");
    await gate.roster(everybody, host);
    expect(alarms.map(({ code }) => code)).toEqual(["uninvited"]);
  });

  test("who cannot prove what the host has proved is outside", async () => {
    const outside = async (one: Guest) => {
      const { gate } = gateOf(one);
      gate.setEntry("invitation", false);
      await gate.roster([ada.entry(), one.entry()], host);
      return gate.outside;
    };
    expect(await outside(bob)).toBe(false);
    expect(await outside(cyd)).toBe(true);
    const spoiled = await guest("Dan", { host, belonging: { secret: secretOf(2) } });
    expect(await outside(spoiled)).toBe(true);
  });

  // Guards against a door that stays shut for good once it was: nobody but the host could tell otherwise.
  test("who comes by password is outside by what is said now, not by what was", async () => {
    const { gate } = gateOf(cyd, "invitation");
    gate.setEntry("any", false);
    await gate.roster([ada.entry(), cyd.entry()], host);
    expect(gate.outside).toBe(false);
    gate.setEntry("invitation", false);
    expect(gate.outside).toBe(true);
  });

  // A meeting made without a secret: nobody there can prove anything.
  test("nobody is outside where the host has no proof either", async () => {
    const bare = await guest("Host");
    const one = await guest("Eve", { host: bare.own.id });
    const { gate } = gateOf(one);
    gate.setEntry("invitation", false);
    await gate.roster([bare.entry(), one.entry()], bare.own.id);
    expect(gate.outside).toBe(false);
  });
});

// Guards against a host who comes back and takes its own guests for strangers.
test("who was inside when the invitation was made new is invited, by what they have", async () => {
  const former = [{ secret: secretOf(1), members: [bob.own.id] }];
  const own = await again(ada, { secret: secretOf(3), former });
  const { gate, alarms } = gateOf({ ...ada, own });
  gate.setEntry("invitation", true);
  const eve = await guest("Eve", { host, belonging });
  expect(namesOf(await gate.roster([...everybody, eve.entry()], host))).toEqual(["Ada", "Bob"]);
  expect(gate.sessions.map(({ proved }) => proved)).toEqual([true, true]);
  expect(alarms.map(({ code, name }) => `${code} ${name}`)).toEqual([
    "uninvited Cyd",
    "uninvited Eve",
  ]);
  // Guards against who was sent away and comes back by the secret before the one that was renewed for it.
  own.former.strike(bob.own.id);
  const card = (await again(bob, belonging)).card;
  expect(await gate.entered(bob.entry({ session: 2, card }))).toBeUndefined();
  // Nobody but the host goes by what was.
  const other = await again(bob, { secret: secretOf(3), former });
  expect(other.former.some).toBe(false);
});

// After a removal the removed knows the old secret: it is worth nothing any more, but those who are in stay.
test("a renewed invitation keeps who is in, and lets the old secret prove nothing more", async () => {
  const { gate } = gateOf(ada);
  await gate.roster(everybody, host);
  const renewed = await MembershipKey.ofSecret(secretOf(3), meeting);
  if (renewed === undefined) {
    throw new Error("no secret");
  }
  gate.setMembership(renewed);
  expect((await gate.again()).changed).toEqual([]);
  const late = await guest("Late", { host, belonging });
  expect((await gate.entered(late.entry()))?.via).toBe("password");
  const invited = await guest("New", { host, belonging: { membership: renewed.granted() } });
  expect((await gate.entered(invited.entry()))?.via).toBe("invitation");
  const { card: _, ...bare } = bob.entry();
  expect((await gate.entered(bare))?.via).toBe("invitation");
});
