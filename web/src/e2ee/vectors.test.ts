// Guards against Go and TypeScript drifting apart: these replay the vectors of
// pkg/e2ee. What one seals the other opens, and both refuse the same.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { BoxMessage, Card, Chat, Envelope, Grant } from "../protocol/messages.gen";
import { checkCard, makeCard, type Session, type Signer } from "./card";
import { openChat, sealChat } from "./chat";
import { hex, joined } from "./fields";
import { signerOf, whyOf } from "./fixture";
import type { Codec } from "./frame";
import { MediaKeys } from "./keys";
import { Mailbox } from "./mailbox";
import { MembershipKey } from "./membership";
import { FrameOpener } from "./opener";
import type { Source, Troubles } from "./port";
import { Ring } from "./ring";
import { safetyCode } from "./safety";
import { FrameSealer } from "./sealer";
import { SessionKey } from "./sessionkey";
import { words } from "./words";

function vectors<T>(name: string): T {
  const path = `../../../pkg/e2ee/testdata/vectors/${name}`;
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}

interface People {
  readonly meeting: string;
  readonly secret: string;
  readonly membership: string;
  readonly people: readonly {
    readonly name: string;
    readonly identity_seed: string;
    readonly session_seed: string;
    readonly id: string;
    readonly proved: boolean;
    readonly card: Card;
    readonly fingerprint: string;
    readonly tag: number;
  }[];
}

interface Named {
  readonly who: Signer;
  readonly key: SessionKey;
  readonly session: Session;
}

const { meeting, secret, membership, people } = vectors<People>("people.json");
const member = await MembershipKey.ofSecret(secret, meeting);
const unhex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

const named = new Map<string, Named>();
for (const person of people) {
  const who = await signerOf(unhex(person.identity_seed));
  const key = await SessionKey.of(unhex(person.session_seed));
  const session = await checkCard(meeting, who.peerId, person.card, member);
  if (session !== undefined) {
    named.set(person.name, { who, key, session });
  }
}

function find(name: string): Named {
  const found = named.get(name);
  if (found === undefined) {
    throw new Error(`${name}'s card was refused`);
  }
  return found;
}

function mailboxOf(name: string): Mailbox {
  const { who, key, session } = find(name);
  return new Mailbox({ meeting, who, key, self: session });
}

describe("people", () => {
  test("the secret gives the membership key", () => {
    expect(member?.granted()).toBe(membership);
  });

  // Keys, proofs and signatures come of seeds: there is one right card.
  test.each(people)("$name", async (person) => {
    const { who, key, session } = find(person.name);
    const { at, host, proof } = person.card;
    expect(who.peerId).toBe(person.id);
    expect(session.proved).toBe(person.proved);
    expect(hex(session.fingerprint)).toBe(person.fingerprint);
    expect(Number.parseInt(person.fingerprint.slice(0, 8), 16)).toBe(person.tag);
    const own = proof === undefined ? undefined : member;
    expect(await makeCard({ meeting, who, key, host, at, member: own })).toEqual(person.card);
  });
});

interface CardVector {
  readonly says: string;
  readonly meeting: string;
  readonly id: string;
  readonly membership?: string;
  readonly card: Card;
  readonly good: boolean;
  readonly proved?: boolean;
}

test.each(vectors<CardVector[]>("cards.json"))("card: $says", async (v) => {
  const by = v.membership === undefined ? undefined : await MembershipKey.of(v.membership);
  const session = await checkCard(v.meeting, v.id, v.card, by);
  expect(session !== undefined).toBe(v.good);
  expect(session?.proved ?? false).toBe(v.proved ?? false);
});

interface BoxVectors {
  readonly grant: Grant;
  readonly boxes: readonly {
    readonly says: string;
    readonly from: string;
    readonly box: string;
    readonly messages?: readonly BoxMessage[];
    readonly fault?: string;
  }[];
}

// They come to Ben in this order.
test("boxes", async () => {
  const { grant, boxes } = vectors<BoxVectors>("boxes.json");
  const ring = new Ring(meeting);
  await ring.take(1, grant, () => true);
  const mailbox = mailboxOf("ben");
  for (const { says, from, box, messages, fault } of boxes) {
    const opened = mailbox.open(find(from).session, box, ring);
    if (fault === undefined) {
      expect(await opened, says).toEqual(messages);
    } else {
      expect(await whyOf(opened), says).toBe(fault);
    }
  }
});

interface EpochVector {
  readonly says: string;
  readonly grant: Grant;
  readonly good: boolean;
  readonly id?: string;
  readonly commit?: string;
  readonly number?: number;
  readonly by?: string;
  readonly entry?: string;
  readonly of?: string;
  readonly broadcast?: string;
  readonly chat?: string;
  readonly camera?: string;
}

test.each(vectors<EpochVector[]>("epochs.json"))("epoch: $says", async (v) => {
  const taking = new Ring(meeting).take(1, v.grant, () => true);
  if (!v.good) {
    expect(await whyOf(taking)).toBe("forged");
    return;
  }
  const epoch = await taking;
  expect(epoch.name).toBe(v.id);
  expect(hex(epoch.commit)).toBe(v.commit);
  expect([epoch.number, epoch.by, epoch.entry]).toEqual([v.number, v.by, v.entry]);
  const { fingerprint } = find(v.of ?? "").session;
  expect(hex(await epoch.derive("parley/1/broadcast", fingerprint))).toBe(v.broadcast);
  expect(hex(await epoch.derive("parley/1/chat", fingerprint))).toBe(v.chat);
  const camera = joined(fingerprint, Uint8Array.of(1));
  expect(hex(await epoch.derive("parley/1/sframe", camera))).toBe(v.camera);
});

interface ChatVectors {
  readonly grant: Grant;
  readonly lines: readonly {
    readonly says: string;
    readonly envelope: Envelope;
    readonly chat?: Chat;
    readonly fault?: string;
  }[];
}

describe("chat", () => {
  const { grant, lines } = vectors<ChatVectors>("chat.json");

  test.each(lines)("$says", async ({ envelope, chat, fault }) => {
    const ring = new Ring(meeting);
    const epoch = await ring.take(1, grant, () => true);
    if (chat === undefined) {
      expect(await whyOf(openChat(ring, envelope))).toBe(fault);
      return;
    }
    expect(await openChat(ring, envelope)).toEqual(chat);
    // Whose JSON is the same is sealed to the same: the nonce is the envelope's number.
    const line = { meeting, seq: envelope.seq };
    expect(await sealChat(epoch, find("ben").session, line, chat)).toBe(envelope.body);
  });
});

interface SafetyVectors {
  readonly words: readonly string[];
  readonly codes: readonly {
    readonly host: string;
    readonly grant: Grant;
    readonly people: readonly string[];
    readonly words: readonly string[];
    readonly digits: string;
  }[];
}

// Guards against a code that people cannot compare because their clients differ.
describe("safety codes", () => {
  const safety = vectors<SafetyVectors>("safety.json");

  test("are read in the same words", () => {
    expect(words).toEqual(safety.words);
  });

  test.each(safety.codes)("of $people", async (v) => {
    const epoch = await new Ring(meeting).take(1, v.grant, () => true);
    const sessions = v.people.map((name) => find(name).session);
    expect(await safetyCode(meeting, v.host, epoch, sessions)).toEqual({
      words: v.words,
      digits: v.digits,
    });
  });
});

interface MediaVectors {
  readonly grants: readonly Grant[];
  readonly people: readonly string[];
  readonly frames: readonly {
    readonly says: string;
    readonly stream: number;
    readonly codec: string;
    readonly sealed: string;
    readonly plain?: string;
    readonly from?: string;
    readonly source?: Source;
    readonly fault?: string;
  }[];
}

const codecs: Readonly<Record<string, Codec>> = { VP8: "vp8", Opus: "opus", Other: "other" };
const faults = {
  noKey: "no-key",
  altered: "altered",
  replayed: "replayed",
  unlabelled: "unlabelled",
};

/** Which count has risen. */
function faultBetween(before: Troubles, after: Troubles): string[] {
  const names = Object.keys(faults) as (keyof Troubles)[];
  return names.filter((name) => after[name] > before[name]).map((name) => faults[name]);
}

// They come on their streams in this order.
test("media", async () => {
  const media = vectors<MediaVectors>("media.json");
  const ring = new Ring(meeting);
  for (const grant of media.grants) {
    await ring.take(1, grant, () => true);
  }
  const keys = new MediaKeys();
  keys.setEpochs(ring.held.map((epoch) => epoch.media()));
  keys.setSessions(media.people.map((name) => find(name).session));
  const streams = Array.from({ length: 4 }, () => new FrameOpener<string>(keys));
  for (const { says, stream, codec, sealed, plain, from, source, fault } of media.frames) {
    const opener = streams[stream];
    const label = from === undefined || source === undefined ? undefined : { from, source };
    opener?.label(0, label);
    const before = { noKey: 0, altered: 0, replayed: 0, unlabelled: 0, ...opener?.troubles };
    const shown = await opener?.push(0, codecs[codec] ?? "other", unhex(sealed), says, true);
    const opened = plain === undefined ? [] : [hex(unhex(plain))];
    expect(
      shown?.map(({ data }) => hex(data)),
      says,
    ).toEqual(opened);
    const found = opener && faultBetween(before, opener.troubles);
    expect(found, says).toEqual(fault === undefined ? [] : [fault]);
  }
});

// A sealed frame follows from seeds and counter alone: each language makes the same.
test("media sealed here", async () => {
  const { grants, frames } = vectors<MediaVectors>("media.json");
  const keys = new MediaKeys();
  const [grant] = grants;
  if (grant === undefined) {
    throw new Error("no grant");
  }
  const epoch = await new Ring(meeting).take(1, grant, () => true);
  keys.setEpochs([epoch.media()]);
  const sealer = new FrameSealer(keys, find("ben").session.fingerprint);
  sealer.use(epoch.name);
  for (const { plain = "", sealed } of frames.slice(0, 2)) {
    const made = await sealer.seal("camera", "vp8", unhex(plain));
    expect(hex(made ?? new Uint8Array())).toBe(sealed);
  }
});
