// Guards against outside bytes that end in anything but a refusal: whatever
// comes, an opener says no, and goes on opening what is good.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bytes, fromBase64Url, toBase64Url } from "../protocol/bytes";
import type { Envelope } from "../protocol/messages.gen";
import { openChat } from "./chat";
import { bytesOf, meeting, person, whyOf } from "./fixture";
import type { Codec } from "./frame";
import { MediaKeys } from "./keys";
import { Mailbox } from "./mailbox";
import { MembershipKey } from "./membership";
import { FrameOpener } from "./opener";
import { Ring } from "./ring";
import { FrameSealer } from "./sealer";

const ann = await person({ of: 1 });
const bob = await person({ of: 2 });
const ring = new Ring(meeting);
const begin = { who: ann.who, session: 1, seq: 1, entry: "any" as const, key: bytesOf(9) };
const epoch = await ring.begin(1, begin);

/** Cuts, lengthens or changes a good one in a few places. */
const spoiled = (good: Bytes): fc.Arbitrary<Bytes> =>
  fc
    .record({
      length: fc.nat(good.length + 40),
      changes: fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })), {
        minLength: 1,
        maxLength: 4,
      }),
    })
    .map(({ length, changes }) => {
      const bytes = new Uint8Array(length);
      bytes.set(good.subarray(0, length));
      for (const [at, by] of changes) {
        bytes[at] = (bytes[at] ?? 0) ^ by;
      }
      return bytes;
    });

const same = (a: Bytes, b: Bytes): boolean => toBase64Url(a) === toBase64Url(b);

test("boxes", async () => {
  const from = new Mailbox({ meeting, who: ann.who, key: ann.key, self: ann.session });
  const to = new Mailbox({ meeting, who: bob.who, key: bob.key, self: bob.session });
  const message = { type: "envelope", envelope: epoch.envelope } as const;
  const boxes = [
    await from.seal(bob.session, { type: "epoch", ...epoch.grant() }),
    await from.sealAll(epoch, message),
  ];
  for (const box of boxes) {
    const good = fromBase64Url(box) ?? new Uint8Array();
    await fc.assert(
      fc.asyncProperty(spoiled(good), async (bytes) => {
        fc.pre(!same(bytes, good));
        const why = await whyOf(to.open(ann.session, toBase64Url(bytes), ring));
        expect(["altered", "no-epoch"]).toContain(why);
      }),
      { seed: 1, numRuns: 40 },
    );
    expect(await to.open(ann.session, box, ring)).toHaveLength(1);
  }
});

test("boxes that were never sealed", async () => {
  const to = new Mailbox({ meeting, who: bob.who, key: bob.key, self: bob.session });
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 200 }), async (box) => {
      expect(await whyOf(to.open(ann.session, box, ring))).toBe("altered");
    }),
    { seed: 2, numRuns: 100 },
  );
});

test("chat", async () => {
  const line: Envelope = { ...epoch.envelope, kind: "chat", body: "" };
  const head = [1, ...epoch.id];
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.uint8Array({ maxLength: 120 }), async (known, bytes) => {
      const body = toBase64Url(Uint8Array.from([...(known ? head : []), ...bytes]));
      expect(["altered", "no-epoch"]).toContain(await whyOf(openChat(ring, { ...line, body })));
    }),
    { seed: 3, numRuns: 200 },
  );
});

test("grants", async () => {
  const grant = epoch.grant();
  const changes = fc.record(
    {
      key: fc.uint8Array({ maxLength: 33 }).map(toBase64Url),
      body: fc.json(),
      from: fc.constantFrom(bob.who.peerId, "", "12D3KooW"),
      sig: fc.uint8Array({ minLength: 64, maxLength: 64 }).map(toBase64Url),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(changes, async ({ key, ...other }) => {
      fc.pre(key !== undefined || Object.keys(other).length > 0);
      const bad = { key: key ?? grant.key, envelope: { ...grant.envelope, ...other } };
      expect(await whyOf(new Ring(meeting).take(1, bad, () => true))).toBe("forged");
    }),
    { seed: 4, numRuns: 100 },
  );
});

test("secrets and membership keys", async () => {
  expect(await MembershipKey.of(toBase64Url(bytesOf(1)))).toBeDefined();
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 60 }), async (text) => {
      fc.pre(fromBase64Url(text)?.length !== 32);
      expect(await MembershipKey.of(text)).toBeUndefined();
      expect(await MembershipKey.ofSecret(text, meeting)).toBeUndefined();
    }),
    { seed: 5, numRuns: 200 },
  );
});

test("frames", async () => {
  const sender = { id: "ann", fingerprint: ann.session.fingerprint };
  const keys = new MediaKeys();
  keys.setEpochs([epoch.media()]);
  keys.setSessions([sender]);
  const sealer = new FrameSealer(keys, sender.fingerprint);
  sealer.use(epoch.name);
  const opener = new FrameOpener<undefined>(keys);
  opener.label(0, { from: "ann", source: "camera" });
  const plain = Uint8Array.from({ length: 60 }, (_, i) => i);
  const good = (await sealer.seal("camera", "vp8", plain)) ?? new Uint8Array();
  const codec = fc.constantFrom<Codec>("vp8", "opus", "other");
  const anything = fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from(bytes));
  await fc.assert(
    fc.asyncProperty(fc.oneof(spoiled(good), anything), codec, async (bytes, of) => {
      fc.pre(!same(bytes, good));
      expect(await opener.push(0, of, bytes, undefined, true)).toEqual([]);
    }),
    { seed: 6, numRuns: 500 },
  );
  expect(await opener.push(0, "vp8", good, undefined, true)).toHaveLength(1);
});
