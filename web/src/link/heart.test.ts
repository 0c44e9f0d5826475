import { describe, expect, test } from "vitest";
import { beating, type Heart, type Look, look, lookEveryMillis } from "./heart";

const never = Number.POSITIVE_INFINITY;

interface Scene {
  /** When the SFU falls silent; never by default. */
  readonly dies?: number;
  /** When this end's own network goes. */
  readonly cut?: number;
  readonly media?: boolean;
  /** When the media ends that there is, while the SFU lives on. */
  readonly falls?: number;
  /** From when to when the page does nothing at all. */
  readonly busy?: readonly [number, number];
  readonly hidden?: boolean;
  /** Where in its beat the SFU dies. */
  readonly phase?: number;
}

type Signs = Pick<Look, "beatAt" | "mediaAt"> & { otherAt: number };

/** What reaches this end at a moment: sound, and beats as `due` and `anxious` of node/link have them. */
function signsAt(
  t: number,
  { dies = never, cut = never, phase = 0, falls = never, ...scene }: Scene,
) {
  const alive = t < Math.min(dies, cut);
  const soundAt = scene.media === false ? Number.NEGATIVE_INFINITY : Math.min(t, falls);
  const sounds = t - soundAt < 60;
  const anxious = !sounds && t - soundAt < 1000;
  const halves = (t + phase) / 125;
  const whole = halves % 2 === 0 && (!sounds || halves % 8 === 0);
  return {
    beat: alive && (whole || (halves % 2 === 1 && anxious)),
    media: alive && soundAt === t && t % 20 === 0,
    other: t < cut && (t + 130) % 250 === 0,
  };
}

/** Plays ten seconds; when the SFU was taken for dead, and how often. */
function play(scene: Scene): { readonly at: number | undefined; readonly times: number } {
  const [from, to] = scene.busy ?? [0, 0];
  const every = scene.hidden ? 1000 : lookEveryMillis;
  let heart: Heart = beating(0);
  let heard: Signs = { beatAt: 0, mediaAt: scene.media === false ? -1e6 : 0, otherAt: 0 };
  const dead: number[] = [];
  const waiting = { beat: false, other: false };
  for (let t = 1; t < 10_000; t++) {
    const { beat, media, other } = signsAt(t, scene);
    if (media) {
      heard = { ...heard, mediaAt: t }; // counted where this page's own work does not matter
    }
    waiting.beat ||= beat;
    waiting.other ||= other;
    if (t >= from && t < to) {
      continue;
    }
    // A look that is overdue comes before the messages behind it.
    if (t === to || t % every === 0) {
      const next = look(heart, { now: t, hidden: scene.hidden === true, ...heard });
      next.stoppedAt !== undefined && heart.stoppedAt === undefined && dead.push(t);
      heart = next;
    }
    heard = {
      ...heard,
      ...(waiting.beat && { beatAt: t }),
      ...(waiting.other && { otherAt: t }),
    };
    Object.assign(waiting, { beat: false, other: false });
  }
  return { at: dead[0], times: dead.length };
}

describe("an SFU", () => {
  // Who is muted, or stops its film, does so between any two beats.
  test("that has no more media to send is not taken for dead", () => {
    for (let phase = 0; phase < 1000; phase += 7) {
      expect(play({ falls: 5000, phase }).times).toBe(0);
    }
  });

  test("that lives is not taken for dead, with media or without", () => {
    for (const media of [true, false]) {
      for (const hidden of [true, false]) {
        expect(play({ media, hidden }).times).toBe(0);
      }
    }
  });

  // Half a second from kill to media leaves the rest of it to the standby.
  test("that was killed is found dead in time, wherever in its beat", () => {
    const delays = Array.from({ length: 25 }, (_, i) => {
      const { at = Number.NaN, times } = play({ dies: 5000 + i, phase: i * 10 });
      expect(times).toBe(1);
      return at - 5000;
    }).sort((a, b) => a - b);
    expect(delays.at(-1)).toBeLessThanOrEqual(400);
    expect(delays[12]).toBeLessThanOrEqual(300);
  });

  test("that was killed in a silent room is found dead all the same", () => {
    expect(play({ dies: 5000, media: false }).at).toBeLessThan(6400);
  });

  // A standby would be as unreachable: the links must wait for the network.
  test("is not dead when this end's own network went", () => {
    expect(play({ cut: 5000 }).times).toBe(0);
  });

  // Garbage collection, a large layout, a debugger: the messages come after it.
  test("is not dead when this page was busy", () => {
    for (const end of [5200, 5650, 7000]) {
      expect(play({ busy: [5000, end], media: false }).times).toBe(0);
    }
  });

  // A hidden page's timers fire once a second.
  test("is found dead by a hidden page as well, only later", () => {
    const { at = Number.NaN, times } = play({ dies: 5000, hidden: true });
    expect(times).toBe(1);
    expect(at).toBeLessThanOrEqual(7500);
  });
});

test("an SFU without a standby is given longer, and no witness", () => {
  const at = (now: number) =>
    [now, now + 40].reduce(
      (heart, t) =>
        look(heart, { now: t, beatAt: 900, mediaAt: 990, otherAt: undefined, hidden: false }),
      beating(now - 40),
    ).stoppedAt;
  expect(at(3900)).toBeUndefined();
  expect(at(4000)).toBe(4040);
});

test("an SFU that comes back counts only after a while", () => {
  const dead: Heart = { lookedAt: 1000, suspected: true, stoppedAt: 1000 };
  const at = (now: number, beatAt: number) =>
    look(dead, { now, beatAt, mediaAt: 0, otherAt: now, hidden: false }).stoppedAt;
  expect(at(1300, 1250)).toBe(1000);
  expect(at(1700, 1650)).toBeUndefined();
});
