// Guards against Go and TypeScript drifting apart: these replay the vectors
// that pkg/identity and pkg/meeting are tested with.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromBase64Url, toBase64Url, utf8 } from "./bytes";
import { isTitle, normalPassword, parseInvitation, parseMeetingId, showMeetingId } from "./meeting";
import { peerIdOf, publicKeyOf } from "./peer-id";

function vectors<T>(path: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`../../../pkg/${path}`, import.meta.url), "utf8"));
}

interface IdentityVector {
  readonly seed: string;
  readonly public_key: string;
  readonly peer_id: string;
  readonly message: string;
  readonly signature: string;
}

describe("identity", () => {
  test.each(vectors<IdentityVector>("identity/testdata/vectors/identity.json"))("$peer_id", (v) => {
    const key = new Uint8Array(Buffer.from(v.public_key, "hex"));
    expect(peerIdOf(key)).toBe(v.peer_id);
    expect(publicKeyOf(v.peer_id)).toEqual(key);
    expect(toBase64Url(fromBase64Url(v.signature) ?? new Uint8Array())).toBe(v.signature);
  });

  test.each([
    "",
    "12D3KooW",
    `12D3KooW${"z".repeat(44)}`,
    `${"1".repeat(52)}`,
    "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3p0",
    "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq1",
  ])("%s is no peer ID", (text) => {
    expect(publicKeyOf(text)).toBeUndefined();
  });
});

interface IdVector {
  readonly text: string;
  readonly id?: string;
  readonly shown?: string;
}

test.each(vectors<IdVector>("meeting/testdata/vectors/ids.json"))("ID %j", (v) => {
  expect(parseMeetingId(v.text)).toBe(v.id);
  if (v.id !== undefined) {
    expect(showMeetingId(v.id)).toBe(v.shown);
    expect(showMeetingId(v.text)).toBe(v.shown);
  }
});

interface TextVector {
  readonly text: string;
  readonly valid: boolean;
  readonly normal?: string;
}

test.each(vectors<TextVector>("meeting/testdata/vectors/titles.json"))("title %j", (v) => {
  expect(isTitle(v.text)).toBe(v.valid);
});

test.each(vectors<TextVector>("meeting/testdata/vectors/passwords.json"))("password %j", (v) => {
  expect(normalPassword(v.text)).toBe(v.valid ? (v.normal ?? v.text) : undefined);
});

interface InvitationVector {
  readonly link: string;
  readonly base?: string;
  readonly token?: string;
  readonly hash?: string;
  readonly secret?: string;
  readonly error?: string;
}

test.each(vectors<InvitationVector>("meeting/testdata/vectors/invitations.json"))(
  "invitation %j",
  (v) => {
    const parsed = parseInvitation(v.link);
    if (v.error !== undefined) {
      expect(parsed).toBe(v.error);
      return;
    }
    expect(parsed).toEqual({ base: v.base, token: v.token, secret: v.secret });
  },
);

test("UTF-8 is what the platform makes", () => {
  for (const text of [
    "",
    "a",
    "é",
    "会",
    "🎉",
    "mixed é会🎉 text",
    "\u0000\u007f\u0080\u07ff\u0800\uffff",
  ]) {
    expect([...utf8(text)]).toEqual([...Buffer.from(text, "utf8")]);
  }
});
