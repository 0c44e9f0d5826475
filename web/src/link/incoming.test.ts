import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Signs } from "../e2ee/signs";
import { Incoming } from "./incoming";
import type { Seals, Stream } from "./seals";

const stream: Stream = {
  number: 1,
  signs: undefined,
  label: () => undefined,
  end: () => undefined,
};
const sealsWith = (signs: Signs | undefined): Seals => ({
  send: () => undefined,
  receive: () => ({ ...stream, signs }),
});

/** A slot whose track begins muted, of which nothing was played or decoded yet. */
class Slot {
  readonly mid: string;
  readonly receiver;
  playedAt = 0;
  /** How often the connection was asked, which holds up the page. */
  asked = 0;
  constructor(mid: string, kind: string) {
    this.mid = mid;
    this.receiver = {
      track: { kind, muted: true },
      getSynchronizationSources: () => {
        this.asked++;
        return [{ timestamp: this.playedAt }];
      },
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

function link(signs?: Signs) {
  const slots = { mic: new Slot("0", "audio"), camera: new Slot("1", "video") };
  const connection = { getTransceivers: () => Object.values(slots) };
  const incoming = new Incoming(connection as never, sealsWith(signs), () => undefined);
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

const clock = () => performance.timeOrigin + performance.now();

// What is played comes out of a buffer that may be half a second long: an SFU
// that is dead would go on being heard for as long.
test("something is heard when it comes, whenever it is played", () => {
  const signs = Signs.create();
  const { slots, incoming, take } = link(signs);
  take(["mic", "ada"]);
  slots.mic.arrives();
  signs?.arrive(undefined);
  const cameAt = clock();
  vi.advanceTimersByTime(300);
  slots.mic.plays();
  expect(incoming.heardAt).toBeGreaterThanOrEqual(cameAt);
  expect(incoming.heardAt).toBeLessThan(cameAt + 2);
  incoming.end();
});

test("the connection is not asked for what has not come, nor for how loud it is", () => {
  const signs = Signs.create();
  const { slots, incoming, take, live } = link(signs);
  take(["camera", "ada"], ["mic", "ada"]);
  slots.camera.arrives();
  vi.advanceTimersByTime(900);
  incoming.heardAt;
  expect(slots.camera.asked).toBe(0);
  signs?.arrive(0.5);
  signs?.open();
  slots.camera.plays();
  vi.advanceTimersByTime(40);
  expect(live()).toEqual([true, false]);
  const { asked } = slots.mic;
  expect(incoming.levels().get("ada")).toBeCloseTo(0.5);
  vi.advanceTimersByTime(1_000);
  expect(incoming.levels().get("ada")).toBe(0); // nothing comes any more
  expect(slots.mic.asked).toBe(asked);
  incoming.end();
});
