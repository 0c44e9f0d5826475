import { describe, expect, test } from "vitest";
import type { Alarm } from "../e2ee/alarm";
import { MembershipKey } from "../e2ee/membership";
import { toBase64Url } from "../protocol/bytes";
import { type Guest, guest, meeting } from "./fixture";
import { Gate } from "./gate";

const secretOf = (of: number) => toBase64Url(new Uint8Array(32).fill(of));
const belonging = { secret: secretOf(1) };

const ada = await guest("Ada", { belonging });
const host = ada.own.id;
const bob = await guest("Bob", { host, belonging });
const cyd = await guest("Cyd", { host });

function gateOf({ own }: Guest): { readonly gate: Gate; readonly alarms: readonly Alarm[] } {
  const alarms: Alarm[] = [];
  return {
    gate: new Gate({ meetingId: meeting, own, alarm: (each) => alarms.push(each) }),
    alarms,
  };
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
    expect(gate.left(bob.own.id)).toBe(true);
    expect(gate.left(bob.own.id)).toBe(false);
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
