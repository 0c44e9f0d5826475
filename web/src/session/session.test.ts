import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Transforms } from "../link/transforms";
import type { LocalDevices } from "../media/devices";
import { guest, meeting, until } from "./fixture";
import type { Trouble } from "./model";
import { Session } from "./session";

const ada = await guest("Ada");

/** A socket on which nothing ever comes. */
class Silent extends EventTarget {
  readyState = 0;
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
    transforms,
    keepMembership: () => undefined,
    warm: undefined,
    keepWay: () => undefined,
    over: (trouble) => troubles.push(trouble),
  });
  const close = session.links.close.bind(session.links);
  session.links.close = (tell) => {
    did.push("links closed");
    close(tell);
  };
  return { session, did, failed, troubles };
}

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
