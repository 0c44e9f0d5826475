import { expect, test } from "vitest";
import type { Link } from "../link/link";
import type { ControlMessage, Envelope } from "../protocol/codec";
import type { Cipher } from "./cipher";
import { Envelopes } from "./envelopes";
import { Exchange } from "./exchange";
import { meeting, somebody, until } from "./fixture";
import type { Gathering } from "./gathering";
import type { Reach } from "./reach";

const self = await somebody();
const bea = await somebody();
const gone = await somebody();

/** Of a room in which Bea is, and where chat is not for everybody. */
function exchange(may: boolean) {
  return new Exchange({
    self: self.peerId,
    envelopes: new Envelopes(meeting, self, () => undefined),
    cipher: {
      open: async ({ seq }: Envelope) => ({ id: `${seq}`, text: `line ${seq}`, at: seq, name: "" }),
    } as unknown as Cipher,
    session: () => 1,
    name: () => "Ada",
    gathering: {
      hasPerson: (id: string) => id === bea.peerId,
      others: () => [bea.peerId],
    } as unknown as Gathering,
    reach: {} as Reach,
    may: () => may,
    unsent: () => undefined,
  });
}

function linkTo(peer: string): Link {
  return { peer, send: (_: ControlMessage) => true } as unknown as Link;
}

const write = (who: typeof bea, count: number) => {
  const envelopes = new Envelopes(meeting, who, () => undefined);
  return Promise.all(
    Array.from({ length: count }, (_, i) => envelopes.write(2, "chat", async () => `${i}`)),
  );
};

// Guards against lines of somebody whom the meeting does not let write, passed off as of before.
test("a history that nobody asked for is not read", async () => {
  const unasked = exchange(true);
  const link = linkTo(bea.peerId);
  const [early, asked] = [await write(bea, 1), await write(bea, 2)];
  unasked.take(link, { type: "history", envelopes: early });
  unasked.opened(link);
  unasked.take(linkTo(bea.peerId), { type: "history", envelopes: early });
  unasked.take(link, { type: "history", envelopes: asked.slice(1) });
  await until(() => unasked.chat.lines.value.length > 0);
  expect(unasked.chat.lines.value.map(({ text }) => text)).toEqual(["line 2"]);
});

test("no more of it is read than there can be", async () => {
  const room = exchange(true);
  const link = linkTo(bea.peerId);
  room.opened(link);
  const all = await write(gone, 202);
  room.take(link, { type: "history", envelopes: all.slice(0, 199) });
  room.take(link, { type: "history", envelopes: all.slice(199, 201) });
  room.take(link, { type: "history", envelopes: all.slice(201) });
  await until(() => room.chat.lines.value.length >= 200);
  expect(room.chat.lines.value.some(({ text }) => text === "line 200")).toBe(false);
});

test("whoever is here and may not write has not written before either", async () => {
  const room = exchange(false);
  const link = linkTo(bea.peerId);
  room.opened(link);
  const [of, ofGone] = [await write(bea, 1), await write(gone, 1)];
  room.take(link, { type: "history", envelopes: [...of, ...ofGone] });
  await until(() => room.chat.lines.value.length > 0);
  expect(room.chat.lines.value.map(({ from }) => from)).toEqual([gone.peerId]);
});
