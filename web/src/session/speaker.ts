/**
 * Who speaks, and who has the stage: from levels that jump ten times a second
 * to words and pictures that stay still. Pure.
 */

interface Voice {
  /** Smoothed, 0…1. */
  readonly level: number;
  readonly speakingUntil: number;
}

export interface Voices {
  readonly voices: ReadonlyMap<string, Voice>;
  /** Who has the stage; stays when nobody speaks. */
  readonly speaker: string | undefined;
  /** Who would take it, and since when. */
  readonly rival: { readonly id: string; readonly since: number } | undefined;
}

export const silent: Voices = { voices: new Map(), speaker: undefined, rival: undefined };

const threshold = 0.25;
/** A ring that goes out between two words flickers. */
const holdMillis = 700;
/** A cough takes nobody's stage. */
const takeMillis = 1_200;

export function hear(before: Voices, levels: ReadonlyMap<string, number>, now: number): Voices {
  const voices = new Map<string, Voice>();
  for (const [id, raw] of levels) {
    const was = before.voices.get(id);
    const level = Math.max(raw, (was?.level ?? 0) * 0.8);
    const speakingUntil = raw >= threshold ? now + holdMillis : (was?.speakingUntil ?? 0);
    voices.set(id, { level, speakingUntil });
  }
  const loudest = [...voices]
    .filter(([, voice]) => voice.speakingUntil > now)
    .sort(([, a], [, b]) => b.level - a.level)[0]?.[0];
  const speaker = voices.has(before.speaker ?? "") ? before.speaker : undefined;
  if (loudest === undefined || loudest === speaker) {
    return { voices, speaker, rival: undefined };
  }
  const current = voices.get(speaker ?? "");
  if (current === undefined) {
    return { voices, speaker: loudest, rival: undefined };
  }
  // While the one on stage speaks on, a rival must stay the loudest for longer.
  const rival = before.rival?.id === loudest ? before.rival : { id: loudest, since: now };
  const needed = current.speakingUntil > now ? 2 * takeMillis : takeMillis;
  return now - rival.since >= needed
    ? { voices, speaker: loudest, rival: undefined }
    : { voices, speaker, rival };
}

export function isSpeaking(voices: Voices, id: string, now: number): boolean {
  return (voices.voices.get(id)?.speakingUntil ?? 0) > now;
}
