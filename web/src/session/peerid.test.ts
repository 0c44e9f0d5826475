import fc from "fast-check";
import { describe, expect, test } from "vitest";
import vectors from "../../../pkg/identity/testdata/vectors/identity.json";
import { fromBase64Url, toBase64Url } from "./bytes";
import { peerIdOf, publicKeyOf } from "./peerid";

const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

describe("peer IDs are the ones that Go makes", () => {
  test.each(vectors)("$peer_id", ({ public_key, peer_id }) => {
    expect(peerIdOf(hex(public_key))).toBe(peer_id);
    expect(publicKeyOf(peer_id)).toEqual(hex(public_key));
  });
});

// Two texts for one key would let one person appear as two.
test("only the canonical form is read", () => {
  const id = vectors[0]?.peer_id ?? "";
  for (const wrong of [
    "",
    id.slice(1),
    `${id}1`,
    `1${id}`,
    `Q${id.slice(1)}`,
    id.replace("K", "0"),
  ]) {
    expect(publicKeyOf(wrong)).toBeUndefined();
  }
});

test("every key comes back from its peer ID", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      expect(publicKeyOf(peerIdOf(key))).toEqual(Uint8Array.from(key));
    }),
  );
});

test("base64url comes back, and only its canonical form is read", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(Uint8Array.from(bytes));
    }),
  );
  for (const wrong of ["A", "AB", "AA=", "A+", "ÿÿ", "AA\n"]) {
    expect(fromBase64Url(wrong)).toBeUndefined();
  }
});
