// Guards against Go and TypeScript drifting apart: these replay the RFC's own
// vectors, which pkg/sframe replays too.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Bytes } from "../protocol/bytes";
import { ctrHmac } from "./aead";
import { type Codec, clear, codecOf } from "./frame";
import { encodeHeader, Key, parseHeader, Suite } from "./sframe";

function vectors<T>(name: string): readonly T[] {
  const path = `../../../pkg/sframe/testdata/vectors/${name}`;
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}

const bytes = (hex: string): Bytes => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (data: Uint8Array | undefined) => data && Buffer.from(data).toString("hex");

interface HeaderVector {
  readonly kid: string;
  readonly ctr: string;
  readonly encoded: string;
}

describe("headers", () => {
  test("RFC 9605, appendix C.1", () => {
    for (const { kid, ctr, encoded } of vectors<HeaderVector>("headers.json")) {
      const header = parseHeader(bytes(encoded));
      if (Number.isSafeInteger(Number(kid)) && Number.isSafeInteger(Number(ctr))) {
        expect(hex(encodeHeader(Number(kid), Number(ctr)))).toBe(encoded);
        expect(header).toMatchObject({ kid: Number(kid), ctr: Number(ctr) });
        expect(hex(header?.raw)).toBe(encoded);
        expect(header?.body).toHaveLength(0);
      } else {
        expect(header, `${kid} and ${ctr} are more than a number holds`).toBeUndefined();
      }
    }
  });

  test.each([
    ["nothing", ""],
    ["a key ID cut short", "9012"],
    ["a counter cut short", "0f01020304050607"],
    ["no byte of either", "ff"],
    ["a key ID that fits inline", "8007"],
    ["a counter that fits inline", "0800"],
    ["a key ID with leading zeros", "900012"],
    ["a counter with a leading zero", "0f0001010101010101"],
  ])("refuses %s", (_, frame) => {
    expect(parseHeader(bytes(frame))).toBeUndefined();
  });

  test("what is taken has one encoding", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (any) => {
        const frame = new Uint8Array(any);
        const header = parseHeader(frame);
        if (header !== undefined) {
          const again = [...encodeHeader(header.kid, header.ctr), ...header.body];
          expect(again).toEqual([...frame]);
        }
      }),
    );
  });
});

interface CipherVector {
  readonly suite: number;
  readonly key: string;
  readonly nonce: string;
  readonly aad: string;
  readonly pt: string;
  readonly ct: string;
}

test.each(vectors<CipherVector>("aes-ctr-hmac.json"))(
  "AES-CTR and HMAC, suite $suite",
  async (v) => {
    const aead = await ctrHmac(bytes(v.key), (v.ct.length - v.pt.length) / 2);
    const sealed = await aead.seal(bytes(v.nonce), bytes(v.pt), bytes(v.aad));
    expect(sealed.map(hex).join("")).toBe(v.ct);
    expect(hex(await aead.open(bytes(v.nonce), bytes(v.ct), bytes(v.aad)))).toBe(v.pt);
  },
);

interface FrameVector {
  readonly suite: Suite;
  readonly kid: string;
  readonly ctr: string;
  readonly base_key: string;
  readonly metadata: string;
  readonly pt: string;
  readonly ct: string;
}

describe("frames", () => {
  const all = vectors<FrameVector>("sframe.json");

  test("every suite has its vector", () => {
    expect(all.map(({ suite }) => suite).sort()).toEqual(Object.values(Suite).sort());
  });

  test.each(all)("RFC 9605, appendix C.3, suite $suite", async (v) => {
    const key = await Key.of(v.suite, bytes(v.base_key), Number(v.kid));
    const metadata = bytes(v.metadata);
    const frame = await key.seal(Number(v.ctr), metadata, bytes(v.pt));
    expect(hex(frame)).toBe(v.metadata + v.ct);

    const header = parseHeader(frame.subarray(metadata.length));
    expect(hex(header && (await key.open(header, metadata)))).toBe(v.metadata + v.pt);
  });

  // Guards every suite against taking what is changed anywhere, or cut short.
  test.each(all)("suite $suite opens nothing else", async (v) => {
    const key = await Key.of(v.suite, bytes(v.base_key), Number(v.kid));
    const opens = async (frame: Bytes, metadata: Bytes) => {
      const header = parseHeader(frame);
      return header !== undefined && (await key.open(header, metadata)) !== undefined;
    };
    const frame = bytes(v.ct);
    const metadata = bytes(v.metadata);
    expect(await opens(frame, metadata)).toBe(true);
    for (let at = 0; at < frame.length; at++) {
      const flipped = frame.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(await opens(flipped, metadata), `byte ${at}`).toBe(false);
      expect(await opens(frame.subarray(0, at), metadata), `cut at ${at}`).toBe(false);
    }
    expect(await opens(frame, metadata.subarray(1))).toBe(false);
    const other = await Key.of(v.suite, bytes(`00${v.base_key}`), Number(v.kid));
    const header = parseHeader(frame);
    expect(header && (await other.open(header, metadata))).toBeUndefined();
  });

  test("keys that are refused", async () => {
    await expect(Key.of(Suite.AES128GCM, new Uint8Array(15), 1)).rejects.toThrow(RangeError);
    await expect(Key.of(Suite.AES128GCM, new Uint8Array(16), 2 ** 53)).rejects.toThrow(RangeError);
    await expect(Key.of(Suite.AES128GCM, new Uint8Array(16), -1)).rejects.toThrow(RangeError);
  });
});

describe("media frames", () => {
  const keyFrame = new Uint8Array(50);
  const interFrame = new Uint8Array(50).fill(1);

  test.each<[Codec, Bytes, number]>([
    ["vp8", keyFrame, 10],
    ["vp8", interFrame, 3],
    ["vp8", keyFrame.subarray(0, 4), 4],
    ["vp8", interFrame.subarray(0, 2), 2],
    ["vp8", new Uint8Array(0), 0],
    ["opus", keyFrame, 1],
    ["opus", new Uint8Array(0), 0],
    ["other", keyFrame, 0],
  ])("%s leaves its first bytes clear", (codec, frame, length) => {
    expect(clear(codec, frame)).toBe(length);
  });

  test.each([
    ["video/VP8", "vp8"],
    ["audio/opus", "opus"],
    ["video/VP9", "other"],
    ["", "other"],
  ])("%s is %s", (mimeType, codec) => {
    expect(codecOf(mimeType)).toBe(codec);
  });

  // A forwarder sees the clear bytes; whoever opens the frame gets all of it back.
  test.each<[Codec, Bytes]>([
    ["vp8", keyFrame],
    ["vp8", interFrame],
    ["opus", interFrame],
    ["other", interFrame],
  ])("%s comes back as it was", async (codec, frame) => {
    const key = await Key.of(Suite.AES128GCM, new Uint8Array(32).fill(7), 2 ** 47 + 5);
    const length = clear(codec, frame);
    const sealed = await key.seal(9, frame.subarray(0, length), frame.subarray(length));
    expect(sealed.subarray(0, length)).toEqual(frame.subarray(0, length));
    expect(clear(codec, sealed)).toBe(length);

    const header = parseHeader(sealed.subarray(length));
    expect(header && (await key.open(header, sealed.subarray(0, length)))).toEqual(frame);
  });
});
