/**
 * The heartbeat of a link: how long a round trip takes and how long the peer
 * has been silent. Pure; a beat is the protocol's `Beat`.
 */
import type { Shape } from "../room/link";

export interface Beat {
  readonly n: number;
  readonly at: number;
  readonly echo?: number;
  readonly held?: number;
  readonly level?: number;
}

export interface Beats {
  readonly sent: number;
  /** When the first one was sent, as soon as the channel was open; undefined before. */
  readonly sentAt: number | undefined;
  /** The peer's highest number, and its time when we heard it. */
  readonly last: { readonly n: number; readonly at: number; readonly heardAt: number } | undefined;
  /** Smoothed, milliseconds. */
  readonly rtt: number | undefined;
  /** The peer's microphone, 0…127. */
  readonly level: number;
}

export const everyMillis = 250;

/**
 * Every how many of its heart's beats a member sends one to an SFU or a standby:
 * nobody has to know within half a second that a member is dead, and an SFU has a
 * hundred of them.
 */
const seldom = 4;

/** Whether a beat goes out with the heart's n-th: the first one at once. */
export const isDue = (beats: Beats, n: number, shape: Shape): boolean =>
  shape !== "sfu" || beats.sent === 0 || n % seldom === 0;

export const noBeats: Beats = {
  sent: 0,
  sentAt: undefined,
  last: undefined,
  rtt: undefined,
  level: 0,
};

export function nextBeat(beats: Beats, now: number, level: number): readonly [Beats, Beat] {
  const n = beats.sent + 1;
  const echo = beats.last && { echo: beats.last.at, held: whole(now - beats.last.heardAt) };
  const beat = { n, at: whole(now), ...echo, ...(level > 0 && { level }) };
  return [{ ...beats, sent: n, sentAt: beats.sentAt ?? now }, beat];
}

export function heardBeat(beats: Beats, beat: Beat, now: number): Beats {
  if (beats.last !== undefined && beat.n <= beats.last.n) {
    return beats; // overtaken on the way
  }
  const last = { n: beat.n, at: beat.at, heardAt: now };
  const level = beat.level ?? 0;
  if (beat.echo === undefined) {
    return { ...beats, last, level };
  }
  const sample = now - beat.echo - (beat.held ?? 0);
  // A peer can claim any echo: what is no possible round trip is not believed.
  if (sample < -1 || sample > 60_000) {
    return { ...beats, last, level };
  }
  const rtt = Math.max(0, sample);
  return {
    ...beats,
    last,
    level,
    rtt: beats.rtt === undefined ? rtt : beats.rtt * 0.8 + rtt * 0.2,
  };
}

/**
 * Milliseconds since the peer was last heard. One that never was is silent since
 * this end's first beat, which goes out when the channel has opened; 0 before.
 */
export const silence = (beats: Beats, now: number): number =>
  now - (beats.last?.heardAt ?? beats.sentAt ?? now);

const whole = (millis: number) => Math.max(0, Math.round(millis));
