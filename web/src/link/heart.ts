/**
 * When an SFU (or its standby) is taken for dead: soon enough that the standby
 * carries within half a second, and never because this page was busy, its timers were held
 * back, or its own network is away. Pure.
 *
 * An SFU gives a sign of life, by a beat or by sound, every 185 ms while there is
 * media for this end and for a second after, and every 250 otherwise. Dead is one
 * that has given none for longer, while the other was heard meanwhile: silence of
 * both is this end's own trouble.
 */

/** What is known at one look; times of one clock, milliseconds. */
export interface Look {
  readonly now: number;
  /** The SFU's last beat, and the last of its media. */
  readonly beatAt: number;
  readonly mediaAt: number;
  /** The last sign of life of the other one, SFU or standby; undefined where there is only one. */
  readonly otherAt: number | undefined;
  /** The page is hidden: looks come once a second, and that means nothing. */
  readonly hidden: boolean;
}

export interface Heart {
  /** When it was looked last. */
  readonly lookedAt: number;
  readonly suspected: boolean;
  /** The SFU is taken for dead since then. */
  readonly stoppedAt: number | undefined;
}

export const lookEveryMillis = 40;
/** Where media flows: its 185, and a little for the way. */
const signMillis = 240;
/** With no media to miss, four beats must be missing. */
const quietMillis = 1_100;
/** With no other one to compare it with. */
const aloneMillis = 3_000;
/** Media that had stopped this long before the silence began says nothing about it. */
const steadyMillis = 400;
/** A look that comes later than this finds messages waiting behind it. */
const busyMillis = 120;
/** It must be heard this long before it counts as alive again. */
const reviveMillis = 500;

export const beating = (now: number): Heart => ({
  lookedAt: now,
  suspected: false,
  stoppedAt: undefined,
});

export function look(heart: Heart, at: Look): Heart {
  const heardAt = Math.max(at.beatAt, at.mediaAt);
  const lookedAt = at.now;
  if (heart.stoppedAt !== undefined) {
    const alive = heardAt >= heart.stoppedAt + reviveMillis;
    return alive ? beating(at.now) : { ...heart, lookedAt };
  }
  const busy = !at.hidden && at.now - heart.lookedAt > busyMillis;
  const alone = at.otherAt === undefined || at.otherAt <= heardAt;
  if (busy || !isSilent(at) || (alone && !isLongSilent(at))) {
    return { lookedAt, suspected: false, stoppedAt: undefined };
  }
  // Once more, so that what is on its way into this page has arrived.
  return heart.suspected
    ? { lookedAt, suspected: true, stoppedAt: at.now }
    : { lookedAt, suspected: true, stoppedAt: undefined };
}

/** With nobody to compare it with. Where that is this end's own trouble, nothing is lost by saying so. */
const isLongSilent = ({ now, beatAt, mediaAt, otherAt }: Look): boolean =>
  otherAt === undefined && now - Math.max(beatAt, mediaAt) >= aloneMillis;

function isSilent({ now, beatAt, mediaAt }: Look): boolean {
  const flowed = beatAt - mediaAt < steadyMillis && now - mediaAt < steadyMillis + quietMillis;
  return now - Math.max(beatAt, mediaAt) >= (flowed ? signMillis : quietMillis);
}
