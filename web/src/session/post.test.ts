import { expect, test, vi } from "vitest";
import { MembershipKey } from "../e2ee/membership";
import { toBase64Url } from "../protocol/bytes";
import type { Envelope } from "../protocol/codec";
import { Epochs } from "./epochs";
import { type Guest, guest, meeting, openGate, until } from "./fixture";
import type { Content } from "./post";
import { Post } from "./post";

const ada = await guest("Ada");
const bob = await guest("Bob", { host: ada.own.id });
const granted = toBase64Url(new Uint8Array(32).fill(9));
/** Has the membership that the host renewed already. */
const cem = await guest("Cem", { host: ada.own.id, belonging: { membership: granted } });
const helper = await guest("Help", { host: ada.own.id });
const gate = await openGate([
  ada,
  bob,
  cem,
  { ...helper, entry: () => helper.entry({ kind: "helper" }) },
]);

const party = ({ own }: Guest) => ({ id: own.id, session: 1 });
const close = (to: number): Content => ({
  type: "close",
  ends: { link: toBase64Url(new Uint8Array(16).fill(1)), to },
});

interface End {
  readonly epochs: Epochs;
  readonly post: Post;
  /** What was handed to be passed on, by whom it is for; "" for everybody. */
  readonly boxes: { readonly to: string; readonly box: string }[];
  /** The same, by a link. */
  readonly handed: string[];
  readonly got: Content[];
  /** The membership keys that came. */
  readonly belonged: string[];
  readonly refused: string[];
  /** Whose boxes were opened. */
  readonly opened: string[];
}

function endOf({ own, identity }: Guest, renewed?: MembershipKey): End {
  const epochs = new Epochs({
    meetingId: meeting,
    identity,
    numbered: () => ({ session: 1, seq: 1 }),
    entry: () => "any",
    isMember: () => true,
    begun: () => undefined,
    stated: () => undefined,
    overdue: () => undefined,
  });
  const boxes: End["boxes"] = [];
  const handed: string[] = [];
  const got: Content[] = [];
  const belonged: string[] = [];
  const refused: string[] = [];
  const opened: string[] = [];
  const post = new Post({
    mailbox: own.mailbox,
    gate,
    epochs,
    post: (to, box) => boxes.push({ to, box }),
    broadcast: (box) => boxes.push({ to: "", box }),
    hand: (_, box) => handed.push(box),
    opened: ({ id }) => opened.push(id),
    accept: (_, message) => got.push(message),
    renewed: () => renewed,
    belong: (_, membership) => belonged.push(membership),
    refused: (_, why) => refused.push(why),
  });
  return { epochs, post, boxes, handed, got, belonged, refused, opened };
}

const envelope: Envelope = {
  meeting,
  from: ada.own.id,
  session: 1,
  seq: 7,
  kind: "capacity",
  body: "{}",
  sig: toBase64Url(new Uint8Array(64)),
};

// Who waits with something else for it would wait for a box that cannot be sealed.
test("says when a message was handed on, and when nobody is there to have it", async () => {
  const { post, boxes } = endOf(ada);
  await post.send(party(bob), close(1));
  expect(boxes).toHaveLength(1);
  await post.send({ id: "nobody", session: 1 }, close(2));
  expect(boxes).toHaveLength(1);
});

test("the first box brings the epoch, before what it says, and the next does not", async () => {
  const [from, to] = [endOf(ada), endOf(bob)];
  from.epochs.setChair(ada.own.id);
  await until(() => from.epochs.inUse.peek() !== undefined);
  from.post.send(party(bob), close(1));
  from.post.send(party(bob), close(2));
  await until(() => from.boxes.length === 2);
  const [first = "", second = ""] = from.boxes.map(({ box }) => box);
  expect(first.length - second.length).toBeGreaterThan(500);
  // However they come, each is taken as it is; the first one alone is enough for the epoch.
  to.post.receive(party(ada), first, false);
  to.post.receive(party(ada), second, false);
  await until(() => to.got.length === 2);
  expect(to.got).toEqual([close(1), close(2)]);
  expect(to.epochs.inUse.peek()?.name).toBe(from.epochs.inUse.peek()?.name);
  // Who handed it on has it: nothing is owed back.
  to.post.greet(party(ada));
  to.post.linked(party(ada));
  to.post.send(party(ada), close(3));
  await until(() => to.boxes.length === 1);
  expect(to.handed).toEqual([]);
  expect(to.boxes[0]?.box.length).toBeLessThan(2_000);
});

test("a helper gets no epoch, and hears in a box of its own", async () => {
  const from = endOf(ada);
  from.epochs.setChair(ada.own.id);
  await until(() => from.epochs.inUse.peek() !== undefined);
  from.post.greet(party(helper));
  from.post.greet(party(bob));
  from.post.greet(party(cem));
  await until(() => from.handed.length === 2);
  from.post.broadcast(ada.own.id, envelope);
  await until(() => from.boxes.length === 2);
  expect(from.boxes.map(({ to }) => to).sort()).toEqual(["", helper.own.id].sort());
  const own = endOf(helper);
  const box = from.boxes.find(({ to }) => to === helper.own.id)?.box ?? "";
  own.post.receive(party(ada), box, false);
  await until(() => own.got.length === 1);
  expect(own.got).toEqual([{ type: "envelope", envelope }]);
  expect(own.epochs.held.peek()).toEqual([]);
});

// Guards against somebody who is left behind in the epoch before: that of who was sent away.
test("an epoch whose box was lost comes again when a link opens", async () => {
  const [from, to] = [endOf(ada), endOf(bob)];
  from.epochs.setChair(ada.own.id);
  await until(() => from.epochs.inUse.peek() !== undefined);
  from.post.greet(party(bob));
  await until(() => from.handed.length === 1);
  from.post.greet(party(bob)); // it was sent: that is enough, as long as nothing speaks against it
  from.post.linked(party(bob));
  await until(() => from.handed.length === 2);
  to.post.receive(party(ada), from.handed[1] ?? "", true);
  await until(() => to.epochs.inUse.peek() !== undefined);
  expect(to.epochs.inUse.peek()?.name).toBe(from.epochs.inUse.peek()?.name);
  expect(to.refused).toEqual([]);
});

test("what was changed, or came before, is told and stops nothing", async () => {
  const [from, to] = [endOf(ada), endOf(bob)];
  from.post.send(party(bob), close(1));
  await until(() => from.boxes.length === 1);
  const [{ box } = { box: "" }] = from.boxes;
  to.post.receive(party(ada), `${box.slice(0, -2)}AA`, false);
  to.post.receive(party(ada), box, false);
  to.post.receive(party(ada), box, false);
  to.post.receive(party(ada), box, true); // by a link as well: that is no attack
  await until(() => to.refused.length === 2);
  expect(to.got).toEqual([close(1)]);
  expect(to.refused).toEqual(["altered", "replayed"]);
  expect(to.opened).toEqual([ada.own.id]);
});

// Guards against crying wolf when somebody was without a network for a moment.
test("who comes back under another number says again what it said", async () => {
  const [from, to] = [endOf(ada), endOf(bob)];
  from.post.send(party(bob), close(1));
  from.post.send(party(bob), close(2));
  await until(() => from.boxes.length === 2);
  const [first = "", second = ""] = from.boxes.map(({ box }) => box);
  const clock = vi.spyOn(performance, "now").mockReturnValue(1_000);
  const back = { id: ada.own.id, session: 2 };
  to.post.receive(party(ada), first, false);
  to.post.receive(back, first, false);
  to.post.receive(back, second, false);
  await until(() => to.got.length === 2);
  expect(to.refused).toEqual([]);
  clock.mockReturnValue(31_000);
  to.post.receive(back, first, false);
  await until(() => to.refused.length === 1);
  expect(to.refused).toEqual(["replayed"]);
});

// Guards against a guest who never hears of the new invitation, and is shut out for it.
test("a renewed membership goes with every box until somebody shows that they have it", async () => {
  const member = await MembershipKey.of(granted);
  const [from, to] = [endOf(ada, member), endOf(bob)];
  from.epochs.setChair(ada.own.id);
  await until(() => from.epochs.inUse.peek() !== undefined);
  from.post.greet(party(bob)); // lost
  from.post.send(party(bob), close(1)); // lost as well
  from.post.send(party(bob), close(2));
  await until(() => from.boxes.length === 2);
  to.post.receive(party(ada), from.boxes[1]?.box ?? "", false);
  await until(() => to.got.length === 1);
  expect(to.belonged).toEqual([granted]);

  const shown = endOf(cem);
  from.post.send(party(cem), close(3));
  await until(() => from.boxes.length === 3);
  shown.post.receive(party(ada), from.boxes[2]?.box ?? "", false);
  await until(() => shown.got.length === 1);
  expect(shown.belonged).toEqual([]);
});
