import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { breath } from "./breath";
import { addSlots } from "./lines";

beforeEach(() => {
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => null });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

class Connection {
  readonly kinds: string[] = [];
  addTransceiver(kind: string) {
    this.kinds.push(kind);
    return { receiver: { track: { kind } } };
  }
}

const slots = { audio: 2, video: 3 };
const adding = (connection: Connection, added: () => void, isOver = () => false) =>
  addSlots(connection as unknown as RTCPeerConnection, slots, breath, isOver, added);

// Two dozen lines in one task froze every picture of a room that moved to a star.
test("the slots of a star are added one in a task, and opened in the same", async () => {
  const connection = new Connection();
  let opened = 0;
  const done = adding(connection, () => {
    opened++;
  });
  for (let before = 0; before < slots.audio + slots.video; before = connection.kinds.length) {
    await breath(); // what else the page has to do has its turn between two of them
    expect(connection.kinds.length).toBeLessThanOrEqual(before + 1);
    expect(opened).toBe(connection.kinds.length);
  }
  await done;
  expect(connection.kinds).toEqual(["audio", "audio", "video", "video", "video"]);
});

test("a link that was closed meanwhile gets no more of them", async () => {
  const connection = new Connection();
  let isOver = false;
  const close = () => {
    isOver = true;
  };
  await adding(connection, close, () => isOver);
  expect(connection.kinds).toEqual(["audio"]);
});
