import { signal } from "@preact/signals-core";
import { afterEach, expect, test } from "vitest";
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

function secrecyOf({ own, identity }: Guest) {
  const kept: string[] = [];
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
      },
    },
    notices: new Notices(),
    session: () => 1,
    chair: signal(host),
    inside: signal(new Set([host, own.id])),
    post: () => undefined,
    broadcast: () => undefined,
    hand: () => undefined,
    accept: () => undefined,
    rejudge: () => undefined,
    recarded: () => undefined,
  });
  ends.push(secrecy);
  return { secrecy, kept: kept as readonly string[] };
}

/** An epoch of the host's, with a membership key for Bob. */
async function granted(by: Own): Promise<string> {
  const key = randomBytes(32);
  const { identity: who } = ada;
  const epoch = await Epoch.begin({
    meeting,
    who,
    session: 1,
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
