import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { heardBeat, isDue, nextBeat, noBeats, silence } from "./beats";
import { figuresBetween, sample } from "./figures";
import { Bucket } from "./flood";
import { Pulse } from "./pulse";
import { lostAfterMillis, poorAfterMillis, qualityOf } from "./quality";

describe("beats", () => {
  test("two ends measure the way there and back, whatever their clocks say", () => {
    const skew = 1_000_000;
    let [ada, beat] = nextBeat(noBeats, 1000, 0);
    let bob = heardBeat(noBeats, beat, skew + 1040); // 40 ms on the way
    [bob, beat] = nextBeat(bob, skew + 1200, 90); // held for 160
    ada = heardBeat(ada, beat, 1230); // 30 ms back
    expect(ada.rtt).toBe(70);
    expect(ada.level).toBe(90);
    expect(silence(ada, 1500)).toBe(270);
    expect(bob.rtt).toBeUndefined();
  });

  test("one that was overtaken is not heard", () => {
    const heard = heardBeat(noBeats, { n: 5, at: 1 }, 100);
    expect(heardBeat(heard, { n: 4, at: 2 }, 200)).toEqual(heard);
  });

  test("silence counts from the opening", () => {
    expect(silence(noBeats, 9_000)).toBe(0);
    const [first] = nextBeat(noBeats, 10_000, 0);
    const [second] = nextBeat(first, 10_250, 0);
    expect(silence(second, 10_000 + lostAfterMillis)).toBe(lostAfterMillis);
    expect(silence(heardBeat(second, { n: 1, at: 2 }, 17_000), 17_100)).toBe(100);
  });

  // A member's death is nobody's emergency, an SFU's is everybody's.
  test.each([
    ["mesh", 40],
    ["serve", 40],
    ["sfu", 11],
  ] as const)("in the shape %s it beats %i times of 40", (shape, times) => {
    let beats = noBeats;
    for (let n = 3; n < 43; n++) {
      if (isDue(beats, n, shape)) {
        [beats] = nextBeat(beats, n * 250, 0);
      }
      expect(beats.sent).toBeGreaterThan(0); // the first need not wait
    }
    expect(beats.sent).toBe(times);
  });

  // A peer could claim to be nearer than light, or make the room think it is far away.
  test("no claim makes a round trip negative or endless", () => {
    const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(number, number, number, number, (n, at, echo, held) => {
        const { rtt = 0 } = heardBeat(noBeats, { n, at, echo, held }, 5000);
        expect(rtt).toBeGreaterThanOrEqual(0);
        expect(rtt).toBeLessThanOrEqual(60_000);
      }),
    );
  });
});

describe("quality", () => {
  const well = {
    everConnected: true,
    iceConnected: true,
    silentMillis: 100,
    rttMillis: 20,
    lossPercent: 0,
  };
  test.each([
    ["good", {}],
    ["connecting", { everConnected: false }],
    ["fair", { rttMillis: 300 }],
    ["fair", { lossPercent: 4 }],
    ["poor", { rttMillis: 800 }],
    ["poor", { lossPercent: 20 }],
    ["poor", { iceConnected: false }],
    ["poor", { silentMillis: poorAfterMillis }],
    ["lost", { silentMillis: lostAfterMillis }],
    ["good", { silentMillis: 0, rttMillis: undefined, lossPercent: undefined }],
  ] as const)("%s: %o", (want, change) => {
    expect(qualityOf({ ...well, ...change })).toBe(want);
  });
});

describe("a pulse", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  // A peer that dies before its first beat was taken for well until ICE failed.
  test("of a peer that never beats is lost", () => {
    vi.useFakeTimers();
    const pulse = new Pulse();
    const well = { open: true, everConnected: true, iceConnected: true };
    const judge = (mediaAt = Number.NEGATIVE_INFINITY) =>
      pulse.judge({ ...well, carrying: false, mediaAt, asked: true });
    vi.advanceTimersByTime(60_000);
    pulse.beat(0, "mesh", 0, () => false); // the channel is not open yet
    judge();
    expect(pulse.vitals.value.up).toBe(true);
    pulse.beat(1, "mesh", 0, () => true);
    vi.advanceTimersByTime(lostAfterMillis - 1);
    judge();
    expect(pulse.quality.value).toBe("poor");
    vi.advanceTimersByTime(1);
    judge();
    expect(pulse.quality.value).toBe("lost");
    expect(pulse.vitals.value.up).toBe(false);
    judge(performance.now() - 20); // beats get lost where media comes
    expect(pulse.quality.value).toBe("good");
  });
});

describe("figures", () => {
  const report = (bytes: number, lost: number, received: number) => [
    { id: "T", type: "transport", selectedCandidatePairId: "P" },
    {
      id: "P",
      type: "candidate-pair",
      currentRoundTripTime: 0.025,
      bytesSent: bytes,
      bytesReceived: 2 * bytes,
      localCandidateId: "L",
      remoteCandidateId: "R",
    },
    { id: "L", type: "local-candidate", candidateType: "host" },
    { id: "R", type: "remote-candidate", candidateType: "relay" },
    { id: "I", type: "inbound-rtp", packetsLost: lost, packetsReceived: received },
  ];

  test("are what changed between two reports", () => {
    const before = sample(report(1000, 0, 100), 0);
    const after = sample(report(251_000, 5, 195), 2000);
    expect(figuresBetween(before, after)).toEqual({
      rttMillis: 25,
      sendKbps: 1000,
      receiveKbps: 2000,
      lossPercent: 5,
      relayed: true,
    });
  });

  test("have no rates at first, and none below zero after a restart", () => {
    const after = sample(report(1000, 3, 10), 2000);
    expect(figuresBetween(undefined, after).sendKbps).toBeUndefined();
    const restarted = figuresBetween(sample(report(99_000, 9, 90), 0), after);
    expect(restarted).toMatchObject({ sendKbps: 0, receiveKbps: 0, lossPercent: 0 });
  });

  test("of an empty report are unknown", () => {
    expect(figuresBetween(undefined, sample([], 0))).toMatchObject({
      rttMillis: undefined,
      relayed: false,
    });
  });
});

// A peer that talks without end must not keep this page busy.
test("a bucket gives what it holds, then what time brings", () => {
  const bucket = new Bucket(3, 2);
  const taken = [0, 0, 0, 0, 400, 500, 500, 60_000, 60_000, 60_000, 60_000];
  expect(taken.map((at) => bucket.take(at))).toEqual([
    true,
    true,
    true,
    false,
    false,
    true,
    false,
    true,
    true,
    true,
    false,
  ]);
});
