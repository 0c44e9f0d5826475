import { expect, test } from "vitest";
import { fromBase64Url, utf8 } from "../protocol/bytes";
import { peerIdOf } from "../protocol/peer-id";
import { Identity } from "./identity";

const text = (part: string | undefined) =>
  JSON.parse(new TextDecoder().decode(fromBase64Url(part ?? "")));

test("a bearer token is signed, for one audience, for an hour, and made again in time", async () => {
  const pair = (await crypto.subtle.generateKey("Ed25519", false, [
    "sign",
    "verify",
  ])) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const identity = new Identity(pair.privateKey, publicKey);
  const token = await identity.bearer("https://meet.example.org", 1_700_000_000_999);
  const [header, claims, signature = ""] = token.split(".");
  expect(text(header)).toEqual({ alg: "EdDSA", typ: "JWT" });
  expect(text(claims)).toEqual({
    aud: "https://meet.example.org",
    exp: 1_700_003_600,
    iat: 1_700_000_000,
    sub: peerIdOf(publicKey),
  });
  const signed = utf8(`${header}.${claims}`);
  const sig = fromBase64Url(signature) ?? new Uint8Array();
  expect(await crypto.subtle.verify("Ed25519", pair.publicKey, sig, signed)).toBe(true);

  const again = (seconds: number, audience = "https://meet.example.org") =>
    identity.bearer(audience, (1_700_000_000 + seconds) * 1000);
  expect(await again(2900)).toBe(token);
  expect(await again(3100)).not.toBe(token);
  expect(await again(3100, "https://other.example.org")).not.toBe(await again(3100));
});
