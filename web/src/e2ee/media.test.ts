import { expect, test } from "vitest";
import type { Bytes } from "../protocol/bytes";
import type { EpochKey } from "./epoch";
import { bytesOf } from "./fixture";
import type { Codec } from "./frame";
import { MediaKeys } from "./keys";
import { FrameOpener } from "./opener";
import type { Sender, Source } from "./port";
import { FrameSealer } from "./sealer";
import { parseHeader } from "./sframe";

const epoch = (of: number): EpochKey => ({ name: `e${of}`, number: of, key: bytesOf(of) });

const ann: Sender = { id: "ann", fingerprint: bytesOf(200) };
const bob: Sender = { id: "bob", fingerprint: bytesOf(201) };

/** A key frame of VP8 begins with an even byte. */
const frame = (of: number, length = 40): Bytes =>
  Uint8Array.from({ length }, (_, i) => (i === 0 ? of : i));

function sealerOf({ fingerprint }: Sender, ...epochs: number[]): FrameSealer {
  const keys = new MediaKeys();
  keys.setEpochs(epochs.map(epoch));
  const sealer = new FrameSealer(keys, fingerprint);
  sealer.use(`e${epochs[0]}`);
  return sealer;
}

function keysOf(sessions: readonly Sender[], ...epochs: number[]): MediaKeys {
  const keys = new MediaKeys();
  keys.setEpochs(epochs.map(epoch));
  keys.setSessions(sessions);
  return keys;
}

async function sealed(sealer: FrameSealer, of: number, source: Source = "camera"): Promise<Bytes> {
  const bytes = await sealer.seal(source, "vp8", frame(of));
  if (bytes === undefined) {
    throw new Error("no epoch");
  }
  return bytes;
}

const isKey = (data: Bytes): boolean => ((data[0] ?? 0) & 1) === 0;

/** A stream that is shown what it is given, each frame under its number. */
function streamOf(keys: MediaKeys) {
  const opener = new FrameOpener<number>(keys);
  let count = 0;
  return {
    opener,
    push: async (now: number, data: Bytes, codec: Codec = "vp8") => {
      count++;
      const shown = await opener.push(now, codec, data, count, isKey(data));
      return shown.map((each) => each.frame);
    },
  };
}

test("a frame is opened as it was, its first bytes clear on the way", async () => {
  const keys = keysOf([ann], 1);
  for (const [codec, first, kept] of [
    ["vp8", 2, 10],
    ["vp8", 3, 3],
    ["opus", 9, 1],
    ["other", 9, 0],
  ] as const) {
    const sealer = sealerOf(ann, 1);
    const opener = new FrameOpener<string>(keysOf([ann], 1));
    opener.label(0, { from: "ann", source: "mic" });
    for (const length of [40, kept, kept + 1]) {
      const plain = frame(first, length);
      const bytes = (await sealer.seal("mic", codec, plain)) ?? new Uint8Array();
      expect(bytes.slice(0, kept)).toEqual(plain.slice(0, kept));
      expect(bytes.slice(kept, kept + 7)).not.toEqual(plain.slice(kept, kept + 7));
      const [shown] = await opener.push(0, codec, bytes, "f", true);
      expect(shown?.data).toEqual(plain);
      expect(shown?.data.buffer.byteLength).toBe(plain.length); // goes to the decoder whole
    }
  }
  expect(keys.find(0)).toEqual([]);
});

// Guards against anything leaving in the clear while there is no key.
test("without an epoch nothing is sealed", async () => {
  const keys = new MediaKeys();
  const sealer = new FrameSealer(keys, ann.fingerprint);
  expect(await sealer.seal("mic", "opus", frame(1))).toBeUndefined();
  sealer.use("e1");
  expect(await sealer.seal("mic", "opus", frame(1))).toBeUndefined();
  keys.setEpochs([epoch(1)]);
  expect(await sealer.seal("mic", "opus", frame(1))).toBeDefined();
  sealer.use(undefined);
  expect(await sealer.seal("mic", "opus", frame(1))).toBeUndefined();
});

// A nonce used twice gives away both frames, and the means to forge more.
test("no two frames share key and counter, whatever epochs come and go", async () => {
  const keys = new MediaKeys();
  const sealer = new FrameSealer(keys, ann.fingerprint);
  const seen = new Set<string>();
  let count = 0;
  let turn = 1;
  for (let step = 0; step < 60; step++) {
    turn = (turn * 48271) % 2147483647; // a generator with a seed: the same run every time
    const of = 1 + (turn % 90);
    keys.setEpochs([epoch(of)]);
    sealer.use(`e${of}`);
    const sources = ["mic", "camera"] as const;
    const all = await Promise.all(
      sources.flatMap((s) => [sealed(sealer, 2, s), sealed(sealer, 3, s)]),
    );
    for (const bytes of all) {
      const header = parseHeader(bytes.subarray(isKey(bytes) ? 10 : 3));
      seen.add(`${of} ${header?.kid} ${header?.ctr}`);
      count++;
    }
  }
  expect(seen.size).toBe(count);
});

test("one bit of epoch, session or frame changed, and it does not open", async () => {
  const bytes = await sealed(sealerOf(ann, 1), 2);
  const off: EpochKey = { ...epoch(1), key: bytesOf(1).with(31, 0) as Bytes };
  const wrong = new MediaKeys();
  wrong.setEpochs([off]);
  wrong.setSessions([ann]);
  const stranger = streamOf(wrong);
  stranger.opener.label(0, { from: "ann", source: "camera" });
  expect(await stranger.push(0, bytes)).toEqual([]);
  expect(stranger.opener.troubles).toMatchObject({ altered: 1 });

  const { opener, push } = streamOf(keysOf([ann], 1));
  opener.label(0, { from: "ann", source: "camera" });
  for (let at = 0; at < bytes.length; at++) {
    expect(await push(0, bytes.with(at, (bytes[at] ?? 0) ^ 4) as Bytes)).toEqual([]);
  }
  for (let end = 0; end < bytes.length; end++) {
    expect(await push(0, bytes.slice(0, end))).toEqual([]);
  }
  expect(await push(0, frame(2))).toEqual([]); // never sealed
  expect(await push(0, bytes)).toHaveLength(1);
});

// Guards against a forwarder that shows an old scene again.
test("a frame is shown once", async () => {
  const sealer = sealerOf(ann, 1);
  const { opener, push } = streamOf(keysOf([ann], 1));
  opener.label(0, { from: "ann", source: "camera" });
  const first = await sealed(sealer, 2);
  const second = await sealed(sealer, 3);
  expect(await push(0, second)).toEqual([1]);
  expect(await push(0, first)).toEqual([2]);
  expect(await push(0, first)).toEqual([]);
  expect(await push(0, second)).toEqual([]);
  expect(opener.troubles.replayed).toBe(2);
});

// Guards against a forwarder that keeps frames back, and shows them later in another slot.
test("a stream begins no further back than what others have shown", async () => {
  const sealer = sealerOf(ann, 1);
  const frames: Bytes[] = [];
  for (let i = 0; i < 258; i++) {
    frames.push(await sealed(sealer, 2));
  }
  const at = (i: number) => frames[i] ?? new Uint8Array();
  const keys = keysOf([ann], 1);
  const [one, other] = [streamOf(keys), streamOf(keys)];
  one.opener.label(0, { from: "ann", source: "camera" });
  other.opener.label(0, { from: "ann", source: "camera" });
  expect(await one.push(0, at(257))).toHaveLength(1);
  expect(await other.push(0, at(0))).toEqual([]);
  expect(other.opener.troubles.replayed).toBe(1);
  expect(await other.push(0, at(1))).toHaveLength(1);
  expect(await one.push(0, at(0))).toHaveLength(1); // late on its own stream, and never shown
});

// Guards against a forwarder that shows one participant under another's name.
test("what the slot is not labelled with waits, and is dropped", async () => {
  const sealer = sealerOf(ann, 1);
  const { opener, push } = streamOf(keysOf([ann, bob], 1));
  opener.label(0, { from: "bob", source: "camera" });
  expect(await push(0, await sealed(sealer, 2))).toEqual([]);
  expect(await push(100, await sealed(sealer, 3))).toEqual([]);
  expect(opener.waiting).toBe(true);
  expect(opener.label(200, { from: "ann", source: "screen" })).toEqual([]);
  const shown = opener.label(500, { from: "ann", source: "camera" });
  expect(shown.map((each) => each.frame)).toEqual([1, 2]);
  expect(opener.waiting).toBe(false);
  expect(opener.asks()).toBe(false); // it began with a key frame

  opener.label(600, undefined);
  expect(await push(600, await sealed(sealer, 3))).toEqual([]);
  expect(opener.label(1_101, { from: "ann", source: "camera" })).toEqual([]);
  expect(opener.troubles.unlabelled).toBe(1);
  expect(await push(1_102, await sealed(sealer, 3))).toHaveLength(1);
  expect(opener.asks()).toBe(true); // something before it is lost
  expect(opener.asks()).toBe(false);
});

test("few frames wait for their label", async () => {
  const sealer = sealerOf(ann, 1);
  const { opener, push } = streamOf(keysOf([ann], 1));
  for (let i = 0; i < 70; i++) {
    await push(0, await sealed(sealer, 3));
  }
  expect(opener.troubles.unlabelled).toBe(10);
  expect(opener.label(1, { from: "ann", source: "camera" })).toHaveLength(60);
});

test("a key that comes late is followed by asking for a key frame", async () => {
  const sealer = sealerOf(ann, 1);
  const keys = keysOf([ann], 2);
  const { opener, push } = streamOf(keys);
  opener.label(0, { from: "ann", source: "camera" });
  expect(await push(0, await sealed(sealer, 2))).toEqual([]);
  expect(opener.waiting).toBe(true);
  expect(opener.troubles.noKey).toBe(1);
  keys.setSessions([ann, bob]);
  opener.rekeyed();
  expect(opener.asks()).toBe(false);
  keys.setEpochs([epoch(1), epoch(2)]);
  opener.rekeyed();
  expect(opener.asks()).toBe(true);
  expect(await push(1, await sealed(sealer, 2))).toHaveLength(1);
  expect(opener.waiting).toBe(false);
});

// Guards against a removed participant, or an erased epoch, that still opens.
test("only sessions that are accepted and epochs that are held open", async () => {
  const sealer = sealerOf(ann, 1);
  const keys = keysOf([ann, bob], 1);
  const { opener, push } = streamOf(keys);
  opener.label(0, { from: "ann", source: "camera" });
  expect(await push(0, await sealed(sealer, 2))).toHaveLength(1);
  keys.setSessions([bob]);
  expect(await push(0, await sealed(sealer, 2))).toEqual([]);
  keys.setSessions([ann]);
  expect(await push(0, await sealed(sealer, 2))).toHaveLength(1);
  keys.setEpochs([epoch(2)]);
  expect(await push(0, await sealed(sealer, 2))).toEqual([]);
});

// Epoch numbers that differ by 4096, and fingerprints alike in four bytes, have one key ID.
test("key IDs that collide are tried in turn", async () => {
  const twin: Sender = { id: "twin", fingerprint: bytesOf(200).with(31, 0) as Bytes };
  const keys = keysOf([twin, ann], 4097, 1);
  const { opener, push } = streamOf(keys);
  opener.label(0, { from: "ann", source: "camera" });
  expect(await push(0, await sealed(sealerOf(ann, 1), 2))).toHaveLength(1);
  expect(await push(0, await sealed(sealerOf(ann, 4097), 2))).toHaveLength(1);
  expect(await push(0, await sealed(sealerOf(twin, 1), 2))).toEqual([]);
  opener.label(0, { from: "twin", source: "camera" });
  expect(opener.troubles).toMatchObject({ altered: 0, noKey: 0 });
});
