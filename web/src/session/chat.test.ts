import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Envelope } from "../protocol/codec";
import { inserted } from "./chat";
import { Envelopes } from "./envelopes";
import { History } from "./history";
import { Identity } from "./identity";
import type { ChatLine } from "./model";
import { Newcomer } from "./newcomer";
import { Seen } from "./seen";

async function somebody(): Promise<Identity> {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const key = await crypto.subtle.exportKey("raw", (pair as CryptoKeyPair).publicKey);
  return new Identity((pair as CryptoKeyPair).privateKey, new Uint8Array(key));
}

const meeting = "482-913-006";

async function writer(where = meeting, forged: (from: string) => void = () => undefined) {
  return new Envelopes(where, await somebody(), forged);
}

describe("envelopes", () => {
  test("are taken once, from their author, in their meeting", async () => {
    const ada = await writer();
    const bob = await writer();
    const made = await ada.make(7, "capacity", { text: "hello" });
    expect(await bob.admits(made)).toBe(true);
    expect(await bob.admits(made)).toBe(false);
    expect(await ada.admits(made)).toBe(false); // one's own, come back
    const elsewhere = await writer("000-000-000");
    expect(await elsewhere.admits(made)).toBe(false);
  });

  // Otherwise anybody in the room could speak in another's name, or silence them.
  test("a forged copy is refused and does not keep the real one out", async () => {
    const ada = await writer();
    const forgeries: string[] = [];
    const bob = await writer(meeting, (from) => forgeries.push(from));
    const eve = await somebody();
    const made = await ada.make(7, "capacity", { text: "hello" });
    expect(await bob.admits({ ...made, body: '{"text":"no"}' })).toBe(false);
    expect(await bob.admits({ ...made, from: eve.peerId })).toBe(false);
    expect(await bob.admits({ ...made, sig: "A".repeat(86) })).toBe(false);
    expect(forgeries).toEqual([made.from, eve.peerId, made.from]);
    expect(await bob.admits(made)).toBe(true);
  });

  test("are numbered", async () => {
    const ada = await writer();
    const two = await Promise.all([ada.make(7, "capacity", {}), ada.make(7, "capacity", {})]);
    expect(two.map((each) => each.seq)).toEqual([1, 2]);
  });
});

test("what was seen is known whatever the order, within bounds", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 500 })), (seqs) => {
      const seen = new Seen();
      const known = new Set<number>();
      for (const seq of seqs) {
        expect(seen.add({ from: "ada", session: 1, seq })).toBe(!known.has(seq));
        known.add(seq);
      }
    }),
  );
  const seen = new Seen();
  seen.add({ from: "ada", session: 1, seq: 1_000_000 });
  expect(seen.has({ from: "ada", session: 1, seq: 5 })).toBe(true); // too old to tell
  expect(seen.has({ from: "bob", session: 1, seq: 5 })).toBe(false);
});

function envelope(seq: number, text: string): Envelope {
  const body = JSON.stringify({ text });
  return { meeting, from: "12D3", session: 1, seq, kind: "chat", body, sig: "" };
}

describe("history", () => {
  test("is told oldest first, in parts that fit a message", () => {
    const history = new History();
    for (const seq of [3, 1, 2]) {
      history.add(envelope(seq, "x".repeat(15_000)), seq);
    }
    const parts = history.parts();
    expect(parts.map((part) => part.map((each) => each.seq))).toEqual([[1], [2], [3]]);
  });

  // A room that talks all day must not hand a newcomer all of it.
  test("keeps the last two hundred", () => {
    const history = new History();
    for (let seq = 1; seq <= 250; seq++) {
      history.add(envelope(seq, "x"), seq);
    }
    const told = history.parts().flat();
    expect(told).toHaveLength(200);
    expect(told[0]?.seq).toBe(51);
  });
});

test("lines stand in the order of their time; those of one moment as they came", () => {
  const line = (id: string, at: number): ChatLine => ({
    id,
    from: "",
    name: "",
    isSelf: false,
    text: "",
    at: new Date(at),
  });
  const lines = [line("b", 2), line("d", 4), line("a", 1), line("c", 2)].reduce<
    readonly ChatLine[]
  >(inserted, []);
  expect(lines.map(({ id }) => id).join("")).toBe("abcd");
});

test("a newcomer asks two, and again whose link was away; who asks too often gets no answer", () => {
  const newcomer = new Newcomer();
  expect(["a", "b", "c", "a"].map((peer) => newcomer.asks(peer))).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect([0, 0, 0, 0, 10_000].map((now) => newcomer.answers("x", now))).toEqual([
    true,
    true,
    true,
    false,
    true,
  ]);
});
