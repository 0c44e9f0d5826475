import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Incoming } from "./incoming";
import type { Seals, Stream } from "./seals";

const stream: Stream = { number: 1, label: () => undefined, end: () => undefined };
const seals: Seals = { send: () => undefined, receive: () => stream };

/** A slot whose track begins muted, of which nothing was played or decoded yet. */
class Slot {
  readonly mid: string;
  readonly receiver;
  playedAt = 0;
  constructor(mid: string, kind: string) {
    this.mid = mid;
    this.receiver = {
      track: { kind, muted: true },
      getSynchronizationSources: () => [{ timestamp: this.playedAt }],
    };
  }
  arrives(): void {
    this.receiver.track.muted = false;
  }
  plays(): void {
    this.playedAt = performance.timeOrigin + performance.now();
  }
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function link() {
  const slots = { mic: new Slot("0", "audio"), camera: new Slot("1", "video") };
  const connection = { getTransceivers: () => Object.values(slots) };
  const incoming = new Incoming(connection as never, seals, () => undefined);
  incoming.open();
  const take = (...from: (readonly ["mic" | "camera", string])[]) =>
    incoming.take(from.map(([source, id]) => ({ mid: slots[source].mid, from: id, source })));
  const live = () => incoming.flows.peek().map((flow) => flow.live);
  const settled = () => incoming.flows.peek().map((flow) => flow.settled);
  return { slots, incoming, take, live, settled };
}

// An SFU may take a picture back that it has only just given.
test("a picture is there with its first decoded frame, and carries when others follow", () => {
  const { slots, incoming, take, live, settled } = link();
  take(["camera", "ada"]);
  slots.camera.arrives();
  vi.advanceTimersByTime(2_000);
  expect([live(), incoming.carrying]).toEqual([[false], false]);
  slots.camera.plays();
  vi.advanceTimersByTime(40);
  expect([live(), incoming.carrying]).toEqual([[true], false]);
  vi.advanceTimersByTime(1_000);
  expect(incoming.carrying).toBe(false);
  slots.camera.plays();
  vi.advanceTimersByTime(40);
  expect([settled(), incoming.carrying]).toEqual([[true], false]);
  vi.advanceTimersByTime(540); // the page shows it meanwhile
  expect(incoming.carrying).toBe(true);
  incoming.end();
});

test("a picture that never changes carries in the end, however late it came", () => {
  const { slots, incoming, take } = link();
  take(["camera", "ada"]);
  vi.advanceTimersByTime(20_000);
  slots.camera.arrives();
  slots.camera.plays();
  vi.advanceTimersByTime(5_000);
  expect(incoming.carrying).toBe(true);
  incoming.end();
});

// Sound that was taken at its first packet was patched up for half a second.
test("sound carries when it was played for a while", () => {
  const { slots, incoming, take, live, settled } = link();
  take(["mic", "ada"]);
  slots.mic.arrives();
  vi.advanceTimersByTime(200);
  expect(live()).toEqual([false]);
  slots.mic.plays();
  vi.advanceTimersByTime(40);
  expect([live(), settled(), incoming.carrying]).toEqual([[true], [false], false]);
  vi.advanceTimersByTime(540);
  expect([settled(), incoming.carrying]).toEqual([[true], false]);
  vi.advanceTimersByTime(500);
  expect(incoming.carrying).toBe(true);
  incoming.end();
});

// A page that nobody has clicked on plays nothing: its links must move all the same.
test("sound that may not be played carries when it has come for a while", () => {
  const { slots, incoming, take } = link();
  take(["mic", "ada"]);
  slots.mic.arrives();
  vi.advanceTimersByTime(2_200);
  expect(incoming.carrying).toBe(true);
  incoming.end();
});

// The track of a slot that was somebody else's is not muted, and says nothing of the next.
test("who gets a slot of before has to arrive anew", () => {
  const { slots, incoming, take, live } = link();
  take(["mic", "ada"], ["camera", "ada"]);
  slots.mic.arrives();
  slots.camera.arrives();
  slots.mic.plays();
  slots.camera.plays();
  vi.advanceTimersByTime(600);
  slots.camera.plays();
  vi.advanceTimersByTime(600);
  expect(incoming.carrying).toBe(true);
  take(["mic", "bea"], ["camera", "bea"]);
  expect([live(), incoming.carrying]).toEqual([[false, false], false]);
  slots.mic.plays();
  vi.advanceTimersByTime(40);
  expect(live()).toEqual([true, false]);
  incoming.end();
});
