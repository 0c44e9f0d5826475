import { signal } from "@preact/signals-core";
import { expect, test } from "vitest";
import { sealChat } from "../e2ee/chat";
import type { Epoch } from "../e2ee/epoch";
import { Ring } from "../e2ee/ring";
import type { Envelope } from "../protocol/codec";
import { Cipher } from "./cipher";
import { Envelopes } from "./envelopes";
import { type Guest, guest, meeting } from "./fixture";
import { randomName } from "./random";

const ada = await guest("Ada");
const bea = await guest("Bea");
const epoch = await new Ring(meeting).begin(Date.now(), {
  who: ada.identity,
  session: 1,
  seq: 1,
  entry: "any",
  key: new Uint8Array(32).fill(3),
});

const line = ({ identity, own }: Guest, text: string): Promise<Envelope> =>
  new Envelopes(meeting, identity, () => undefined).write(1, "chat", (seq) =>
    sealChat(epoch, own.session, { meeting, seq }, { id: randomName(), text, at: 1, name: "Bea" }),
  );

// Guards against one member whose lines of an unknown epoch keep everybody's from being read.
test("lines that wait for their epoch are bounded for each author", async () => {
  const ring = new Ring(meeting);
  const held = signal<readonly Epoch[]>([]);
  const cipher = new Cipher({
    meetingId: meeting,
    self: () => ada.own.session,
    epochs: { ring, inUse: signal(undefined), held },
  });
  const flood = await line(bea, "flood");
  const floods = Array.from({ length: 200 }, () => cipher.open(flood).catch(() => undefined));
  const read = cipher.open(await line(ada, "hello"));
  read.catch(() => undefined);
  await ring.take(Date.now(), epoch.grant(), () => true);
  held.value = ring.held;
  expect((await read).text).toBe("hello");
  const waited = (await Promise.all(floods)).filter((each) => each !== undefined);
  expect(waited).toHaveLength(20);
});
