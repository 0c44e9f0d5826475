import { signal } from "@preact/signals-core";
import { afterEach, expect, test, vi } from "vitest";
import { Epoch } from "../e2ee/epoch";
import { MembershipKey } from "../e2ee/membership";
import type { Transforms } from "../link/transforms";
import { toBase64Url } from "../protocol/bytes";
import { again, type Guest, guest, meeting, until } from "./fixture";
import { Notices } from "./notices";
import type { Own } from "./own";
import { randomBytes } from "./random";
import { Secrecy } from "./secrecy";

const belonging = { secret: toBase64Url(new Uint8Array(32).fill(1)) };
const ada = await guest("Ada", { belonging });
const host = ada.own.id;
const bob = await guest("Bob", { host, belonging });
const next = await MembershipKey.of(toBase64Url(new Uint8Array(32).fill(2)));

const transforms = {
  setEpochs: () => undefined,
  setSessions: () => undefined,
  close: () => undefined,
} as unknown as Transforms;

const ends: Secrecy[] = [];
afterEach(() => {
  for (const secrecy of ends.splice(0)) {
    secrecy.end();
  }
});

function secrecyOf({ own, identity }: Guest, ...others: readonly string[]) {
  const kept: string[] = [];
  const struck: string[] = [];
  const secrecy = new Secrecy({
    stay: {
      meeting: { meetingId: meeting },
      identity,
      own,
      transforms,
      memory: {
        entry: undefined,
        keepEntry: () => undefined,
        keepMembership: (membership) => kept.push(membership),
        strike: (id) => struck.push(id),
      },
    },
    notices: new Notices(),
    session: () => 1,
    chair: signal(host),
    inside: signal(new Set([host, own.id, ...others])),
    post: () => undefined,
    broadcast: () => undefined,
    hand: () => undefined,
    opened: () => undefined,
    accept: () => undefined,
    rejudge: () => undefined,
    recarded: () => undefined,
  });
  ends.push(secrecy);
  return { secrecy, kept: kept as readonly string[], struck: struck as readonly string[] };
}

/** An epoch of the host's, with a membership key for Bob. */
async function granted(by: Own, session = 1): Promise<string> {
  const key = randomBytes(32);
  const { identity: who } = ada;
  const epoch = await Epoch.begin({
    meeting,
    who,
    session,
    seq: 1,
    number: Date.now(),
    key,
    entry: "any",
  });
  return by.mailbox.seal(bob.own.session, { type: "epoch", ...epoch.grant(next) });
}

test("the membership of a renewed invitation is taken from a host who proved the one before", async () => {
  const { secrecy, kept } = secrecyOf(bob);
  await secrecy.gate.roster([ada.entry(), bob.entry()], host);
  secrecy.receive({ id: host, session: 1 }, await granted(ada.own));
  await until(() => kept.length === 1);
  expect(kept).toEqual([next?.granted()]);
});

// Guards against guests who missed a new invitation and cannot meet their host after its restart.
test("and from the host's next session, where it proved itself in the one before", async () => {
  const restarted = await again(ada, { membership: next?.granted() ?? "" });
  const { secrecy, kept } = secrecyOf(bob);
  secrecy.told("invitation");
  await secrecy.gate.roster([ada.entry(), bob.entry()], host);
  const entry = ada.entry({ session: 9, card: restarted.card });
  expect(await secrecy.gate.entered(entry)).toMatchObject({ role: "participant" });
  await secrecy.gate.roster([entry, bob.entry()], host);
  expect(secrecy.gate.outside).toBe(false);
  secrecy.receive({ id: host, session: 9 }, await granted(restarted, 9));
  await until(() => kept.length === 1);
  await secrecy.gate.again();
  expect(secrecy.gate.accepted.peek().get(host)?.as.role).toBe("host");
});

// Whom a rendezvous names as the host to somebody's first visit may be anybody of its own.
test("and from no other", async () => {
  const unproved = await again(ada);
  const { secrecy, kept } = secrecyOf(bob);
  await secrecy.gate.roster([ada.entry({ card: unproved.card }), bob.entry()], host);
  secrecy.receive({ id: host, session: 1 }, await granted(unproved));
  await until(() => secrecy.epochs.held.peek().length === 1);
  for (let turn = 0; turn < 3; turn++) {
    await MembershipKey.of(next?.granted() ?? ""); // as it is read there
  }
  expect(kept).toEqual([]);
});

const renewal = async (of: number) => {
  const member = await MembershipKey.ofSecret(toBase64Url(new Uint8Array(32).fill(of)), meeting);
  if (member === undefined) {
    throw new Error("no secret");
  }
  return member;
};

// Guards against a secret that was renewed twice, and still lets in whom the second renewal was for.
test("who is sent away is invited by no former secret, however often it is renewed", async () => {
  const bea = await guest("Bea", { host, belonging });
  const { identity } = ada;
  const own = await again(ada, belonging);
  const { secrecy, struck } = secrecyOf({ ...ada, identity, own }, bob.own.id, bea.own.id);
  const { gate } = secrecy;
  await gate.roster([ada.entry({ card: own.card }), bob.entry(), bea.entry()], host);
  void secrecy.renew(await renewal(3));
  secrecy.left(bea.own.id, "removed");
  void secrecy.renew(await renewal(4));
  const comesBack = async (one: Guest) => {
    const { card } = await again(one, belonging);
    await gate.entered(one.entry({ session: 9, card }));
    return secrecy.isProved(one.own.id);
  };
  expect([await comesBack(bob), await comesBack(bea)]).toEqual([true, false]);
  expect(struck).toEqual([bea.own.id]);
});

// Guards against a guest list that outlives the removal: by password, but with an old proof.
test("who was sent away and is back is no guest of the next renewal", async () => {
  const own = await again(ada, belonging);
  const { secrecy } = secrecyOf({ ...ada, own }, bob.own.id);
  await secrecy.gate.roster([ada.entry({ card: own.card }), bob.entry()], host);
  expect(secrecy.guests).toEqual([bob.own.id]);
  secrecy.left(bob.own.id, "removed");
  const { card } = await again(bob, belonging);
  await secrecy.gate.entered(bob.entry({ session: 9, card }));
  expect(secrecy.isProved(bob.own.id)).toBe(true);
  expect(secrecy.guests).toEqual([]);
});

// Guards against a server that has people warned of a removal by naming somebody who never was there.
test("nobody is missed who was not in", async () => {
  const { secrecy } = secrecyOf(bob);
  const removed = vi.spyOn(secrecy.epochs, "removed");
  await secrecy.gate.roster([ada.entry(), bob.entry()], host);
  secrecy.left("nobody", "removed");
  secrecy.left(bob.own.id, "removed");
  expect(removed).not.toHaveBeenCalled();
  secrecy.left(host, "removed");
  secrecy.left(host, "removed");
  expect(removed).toHaveBeenCalledOnce();
});
