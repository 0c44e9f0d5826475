import { expect, test } from "vitest";
import { fromBase64Url, toBase64Url } from "../protocol/bytes";
import type { BoxMessage } from "../protocol/messages.gen";
import { bytesOf, meeting, type Person, person, whyOf } from "./fixture";
import { Mailbox } from "./mailbox";
import { Ring } from "./ring";

const ann = await person({ of: 1 });
const bob = await person({ of: 2 });
const eve = await person({ of: 3 });

const mailboxOf = ({ who, key, session }: Person): Mailbox =>
  new Mailbox({ meeting, who, key, self: session });

const close = (to: number): BoxMessage => ({
  type: "close",
  ends: { link: toBase64Url(bytesOf(1, 16)), to },
});

const none = new Ring(meeting);

function changed(box: string, at: number): string {
  const bytes = fromBase64Url(box) ?? new Uint8Array();
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return toBase64Url(bytes);
}

test("a box says the same to its receiver, in any order, once", async () => {
  const from = mailboxOf(ann);
  const to = mailboxOf(bob);
  const first = await from.seal(bob.session, close(1));
  const second = await from.seal(bob.session, close(2), close(3));
  expect(first.slice(0, 1400)).toBe(second.slice(0, 1400)); // one encapsulation
  expect(to.hasHeard(ann.session)).toBe(false);
  expect(await to.open(ann.session, second, none)).toEqual([close(2), close(3)]);
  expect(await to.open(ann.session, first, none)).toEqual([close(1)]);
  expect(to.hasHeard(ann.session)).toBe(true);
  expect(await whyOf(to.open(ann.session, first, none))).toBe("replayed");
});

// Guards against one box opened twice while its key is still computed.
test("the same box twice at once is taken once", async () => {
  const to = mailboxOf(bob);
  const box = await mailboxOf(ann).seal(bob.session, close(1));
  const why = await Promise.all([1, 2, 3].map(() => whyOf(to.open(ann.session, box, none))));
  expect(why.sort()).toEqual(["replayed", "replayed", "taken"]);
});

test("a box of another's, for another or altered does not open", async () => {
  const to = mailboxOf(bob);
  const box = await mailboxOf(ann).seal(bob.session, close(1));
  expect(await whyOf(to.open(eve.session, box, none))).toBe("altered");
  expect(await whyOf(mailboxOf(eve).open(ann.session, box, none))).toBe("altered");
  for (const at of [0, 1, 1100, 1120, 1128, 1140, 1250]) {
    expect(await whyOf(to.open(ann.session, changed(box, at), none)), `${at}`).toBe("altered");
  }
  for (const short of ["", "AQ", box.slice(0, 1500), "A".repeat(61441), `${box}=`]) {
    expect(await whyOf(to.open(ann.session, short, none))).toBe("altered");
  }
  // What did not open has changed nothing.
  expect(await to.open(ann.session, box, none)).toEqual([close(1)]);
});

// Anybody can seal to a card that the rendezvous shows to all: the signature tells who did.
test("a box that somebody else sealed in the sender's name is not taken", async () => {
  const posing = new Mailbox({ meeting, who: eve.who, key: eve.key, self: ann.session });
  const box = await posing.seal(bob.session, close(1));
  expect(await whyOf(mailboxOf(bob).open(ann.session, box, none))).toBe("altered");
});

test("a box holds 1 to 8 messages", async () => {
  const from = mailboxOf(ann);
  await expect(from.seal(bob.session)).rejects.toThrow(RangeError);
  await expect(from.seal(bob.session, ...Array(9).fill(close(1)))).rejects.toThrow(RangeError);
});

test("a box for everybody needs the epoch", async () => {
  const ring = new Ring(meeting);
  const begin = { who: ann.who, session: 1, seq: 1, entry: "any" as const, key: bytesOf(9) };
  const epoch = await ring.begin(1, begin);
  const message = {
    type: "envelope",
    envelope: { ...epoch.envelope, kind: "capacity", body: "{}" },
  } as const;
  const from = mailboxOf(ann);
  const to = mailboxOf(bob);
  const box = await from.sealAll(epoch, message);
  expect(await whyOf(to.open(ann.session, box, none))).toBe("no-epoch");
  expect(await whyOf(to.open(eve.session, box, ring))).toBe("altered");
  for (const at of [9, 16, 17, 40]) {
    expect(await whyOf(to.open(ann.session, changed(box, at), ring)), `${at}`).toBe("altered");
  }
  expect(await to.open(ann.session, box, ring)).toEqual([message]);
  expect(await whyOf(to.open(ann.session, box, ring))).toBe("replayed");
});

// Guards against the same nonce under one key, from a session that forgot another one.
test("no two boxes have enc and counter in common", async () => {
  const from = mailboxOf(ann);
  const seen = new Set<string>();
  for (let i = 0; i < 6; i++) {
    if (i === 3) {
      from.forget(bob.session.fingerprint);
    }
    const bytes = fromBase64Url(await from.seal(bob.session, close(i))) ?? new Uint8Array();
    seen.add(toBase64Url(bytes.slice(0, 1129)));
  }
  expect(seen.size).toBe(6);
});
