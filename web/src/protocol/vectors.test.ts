// Guards against Go and TypeScript drifting apart: these replay the vectors of
// pkg/protocol. Whatever one takes, the other takes for the same, and both name
// the same member of what they refuse.
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { actingHost } from "./acting-host";
import * as codec from "./codec";
import { isSigned, signEnvelope, signedBytes } from "./envelope";
import { FieldError } from "./field-error";
import { publicKeyOf } from "./peer-id";

function vectors<T>(name: string): readonly T[] {
  const path = `../../../pkg/protocol/testdata/vectors/${name}`;
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}

const decoders: Readonly<Record<string, (text: string) => unknown>> = {
  ClientFrame: codec.decodeClient,
  ServerFrame: codec.decodeServer,
  BoxMessage: codec.decodeBoxMessage,
  ControlMessage: codec.decodeControl,
  Beat: codec.decodeBeat,
  Chat: codec.decodeChat,
  Directive: codec.decodeDirective,
  Epoch: codec.decodeEpoch,
  Capacity: codec.decodeCapacity,
  Envelope: codec.decodeEnvelope,
  CreateRequest: codec.decodeCreateRequest,
  CreateResponse: codec.decodeCreateResponse,
  InvitationResponse: codec.decodeInvitationResponse,
  JoinRequest: codec.decodeJoinRequest,
  JoinResponse: codec.decodeJoinResponse,
  MyMeetingsResponse: codec.decodeMyMeetingsResponse,
  MeetingResponse: codec.decodeMeetingResponse,
  ChangeRequest: codec.decodeChangeRequest,
  RenewRequest: codec.decodeRenewRequest,
  RenewResponse: codec.decodeRenewResponse,
  WellKnown: codec.decodeWellKnown,
  Problem: codec.decodeProblem,
};

function decode(of: string, text: string): unknown {
  const decoder = decoders[of];
  if (decoder === undefined) {
    throw new Error(`no decoder for ${of}`);
  }
  return decoder(text);
}

function refusal(of: string, text: string): FieldError {
  try {
    decode(of, text);
  } catch (error) {
    if (error instanceof FieldError) {
      return error;
    }
    throw error;
  }
  throw new Error(`not refused: ${of} ${text.slice(0, 400)}`);
}

interface Mutation {
  readonly drop?: string;
  readonly set?: string;
  readonly to?: unknown;
  readonly field: string;
  readonly says: string;
}

interface MessageVector {
  readonly of: string;
  readonly means: unknown;
  readonly refused?: readonly Mutation[];
}

function mutated(means: unknown, { drop, set, to = null }: Mutation): string {
  const steps = (drop ?? set ?? "").split(/[.[\]]+/).filter((step) => step !== "");
  const tree = structuredClone(means);
  const last = steps.pop() ?? "";
  let holder = tree as Record<string, unknown>;
  for (const step of steps) {
    holder = holder[step] as Record<string, unknown>;
  }
  if (drop === undefined) {
    holder[last] = to;
  } else {
    delete holder[last];
  }
  return JSON.stringify(tree);
}

describe("messages", () => {
  const all = vectors<MessageVector>("messages.json");

  test("every decoder has its vectors", () => {
    expect([...new Set(all.map(({ of }) => of))].sort()).toEqual(Object.keys(decoders).sort());
  });

  test.each(all)("$of $means.type", ({ of, means, refused = [] }) => {
    const text = JSON.stringify(means);
    expect(decode(of, text)).toEqual(means);
    for (const mutation of refused) {
      const bad = mutated(means, mutation);
      const { field, says } = refusal(of, bad);
      expect(field, bad).toBe(mutation.field);
      if (says === "is required") {
        expect(mutation.says, bad).toMatch(/^is required/); // Go goes on with the bound
      } else {
        expect(says, bad).toBe(mutation.says);
      }
    }
  });
});

interface TextVector {
  readonly of: string;
  readonly wire: string;
  readonly pad?: number;
  readonly means?: unknown;
  readonly field?: string;
  /** The member is given twice, which is seen here, but not where. */
  readonly twice?: boolean;
  readonly why: string;
}

describe("texts", () => {
  test.each(vectors<TextVector>("texts.json"))("$why: $wire", (v) => {
    const text = v.wire + " ".repeat(Math.max(0, (v.pad ?? 0) - v.wire.length));
    if (v.field === undefined) {
      expect(decode(v.of, text)).toEqual(v.means);
    } else {
      expect(refusal(v.of, text).field).toBe(v.twice ? "" : v.field);
    }
  });

  test("a limit counts the bytes of UTF-8", () => {
    const beat = (pad: string) => `{"n":1,"at":2,"${pad}":1}`;
    expect(refusal("Beat", beat("é".repeat(2030))).field).not.toBe("");
    expect(refusal("Beat", beat("é".repeat(2050))).says).toBe("is larger than its limit");
    expect(refusal("Beat", beat("会".repeat(1400))).says).toBe("is larger than its limit");
    expect(refusal("Beat", beat("🎉".repeat(1000))).field).not.toBe("");
    expect(refusal("Beat", beat("🎉".repeat(1030))).says).toBe("is larger than its limit");
  });
});

interface EnvelopeVector {
  readonly seed: string;
  readonly signed: string;
  readonly envelope: codec.Envelope;
}

const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");
const spki = Buffer.from("302a300506032b6570032100", "hex");

test.each(vectors<EnvelopeVector>("envelopes.json"))("envelope $envelope.kind", async (v) => {
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8, Buffer.from(v.seed, "hex")]),
    format: "der",
    type: "pkcs8",
  });
  const check = async (publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array) =>
    verify(
      null,
      message,
      createPublicKey({ key: Buffer.concat([spki, publicKey]), format: "der", type: "spki" }),
      signature,
    );

  expect(Buffer.from(signedBytes(v.envelope)).toString("hex")).toBe(v.signed);
  const { sig, ...unsigned } = v.envelope;
  expect(await signEnvelope(unsigned, async (message) => sign(null, message, key))).toEqual(
    v.envelope,
  );
  expect(await isSigned(v.envelope, check)).toBe(true);
  expect(await isSigned({ ...v.envelope, body: `${v.envelope.body} ` }, check)).toBe(false);
  expect(await isSigned({ ...v.envelope, sig: `${sig}=` }, check)).toBe(false);
  expect(await isSigned({ ...v.envelope, from: "" }, check)).toBe(false);
  expect(publicKeyOf(v.envelope.from)).toHaveLength(32);
});

interface ChairVector {
  readonly why: string;
  readonly roster: readonly codec.Participant[];
  readonly chair: string;
}

test.each(vectors<ChairVector>("acting-host.json"))("acting host: $why", ({ roster, chair }) => {
  expect(actingHost(roster) ?? "").toBe(chair);
});
