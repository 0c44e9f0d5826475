import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Transforms } from "../link/transforms";
import type { LocalDevices } from "../media/devices";
import type { Participant } from "../protocol/codec";
import { guest, meeting, until } from "./fixture";
import type { Trouble } from "./model";
import { Session } from "./session";

const ada = await guest("Ada");

const helper = await guest("Help", { host: ada.own.id });

/** A socket on which nothing comes but what a test says. */
class Silent extends EventTarget {
  static readonly OPEN = 1;
  readyState = 1;
  close(): void {}
  send(): void {}
}

beforeEach(() => {
  vi.stubGlobal("window", new EventTarget());
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("WebSocket", Silent);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function stay() {
  const did: string[] = [];
  const failed = signal(false);
  const transforms = {
    setEpochs: () => undefined,
    setSessions: () => undefined,
    close: () => did.push("transforms closed"),
    failed,
  } as unknown as Transforms;
  const devices = {
    micTrack: signal(undefined),
    cameraTrack: signal(undefined),
    micOn: signal(false),
    cameraOn: signal(false),
    replaced: signal(0),
    level: signal(0),
  } as unknown as LocalDevices;
  const troubles: (Trouble | undefined)[] = [];
  const socket = new Silent();
  const session = new Session({
    identity: ada.identity,
    meeting: {
      meetingId: meeting,
      title: "Weekly",
      hostId: ada.own.id,
      isHost: true,
      createdAt: new Date(0),
      expiresAt: undefined,
    },
    devices,
    name: "Ada",
    signalingUrl: "wss://meet.example/signal",
    ticket: "ticket",
    own: ada.own,
    wire: undefined,
    transforms,
    memory: {
      entry: undefined,
      keepEntry: () => undefined,
      keepMembership: () => undefined,
      strike: () => undefined,
    },
    warm: socket as unknown as WebSocket,
    keepWay: () => undefined,
    over: (trouble) => troubles.push(trouble),
  });
  const close = session.links.close.bind(session.links);
  session.links.close = (tell) => {
    did.push("links closed");
    close(tell);
  };
  const welcomed = (self: Participant) => {
    const others = [helper.entry({ n: 2, session: 2, kind: "helper" })];
    const data = JSON.stringify({ ...welcome, self, roster: [self, ...others] });
    socket.dispatchEvent(new MessageEvent("message", { data }));
  };
  return { session, did, failed, troubles, welcomed };
}

const welcome = {
  type: "welcome",
  title: "Weekly",
  host_id: ada.own.id,
  policy: {
    capacity: 16,
    mesh_max: 4,
    entry: "any",
    waiting_room: false,
    locked: false,
    share: "everyone",
    chat: "everyone",
    record: "everyone",
  },
  ice_servers: [],
  resume: { ticket: "ticket", within: 60 },
};

// Guards against a last frame that nothing seals any more.
test("the links end before what seals what they send", () => {
  const { session, did } = stay();
  session.leave();
  expect(did).toEqual(["links closed", "transforms closed"]);
});

// Guards against a meeting that stays dark without a word.
test("without a worker that seals, the meeting is over, and says why", async () => {
  const { session, failed, troubles } = stay();
  failed.value = true;
  await until(() => session.state.value.phase === "over");
  expect(troubles).toEqual([{ code: "encryption-stopped" }]);
});

// A rendezvous that is slow to tell, or does not, must not have them get what follows.
test("who is sent away is gone at once", async () => {
  const { session, welcomed } = stay();
  const { id } = helper.own;
  welcomed(ada.entry());
  await until(() => session.gathering.hasPerson(id));
  expect(session.secrecy.gate.accepted.peek().has(id)).toBe(true);
  session.remove(id, false);
  expect(session.gathering.hasPerson(id)).toBe(false);
  expect(session.secrecy.gate.accepted.peek().has(id)).toBe(false);
  session.leave();
});

test("a welcome of somebody else ends it", async () => {
  const { session, troubles, welcomed } = stay();
  welcomed(helper.entry());
  await until(() => session.state.value.phase === "over");
  expect(troubles).toEqual([{ code: "protocol" }]);
});
