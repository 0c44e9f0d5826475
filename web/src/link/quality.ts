/** One word for how a link is. Pure. */

export type Quality = "connecting" | "good" | "fair" | "poor" | "lost";

export interface Signs {
  readonly everConnected: boolean;
  readonly iceConnected: boolean;
  /** Since the peer's last beat, milliseconds. */
  readonly silentMillis: number;
  readonly rttMillis: number | undefined;
  readonly lossPercent: number | undefined;
}

/** A hidden page's timers fire once a second, a busy machine's later: less silence than a few of those means nothing. */
export const poorAfterMillis = 3_000;
export const lostAfterMillis = 6_000;

export function qualityOf(signs: Signs): Quality {
  if (!signs.everConnected) {
    return "connecting";
  }
  const silent = signs.silentMillis;
  if (silent >= lostAfterMillis) {
    return "lost";
  }
  if (!signs.iceConnected || silent >= poorAfterMillis) {
    return "poor";
  }
  const rtt = signs.rttMillis ?? 0;
  const loss = signs.lossPercent ?? 0;
  if (rtt > 500 || loss > 8) {
    return "poor";
  }
  return rtt > 200 || loss > 2 ? "fair" : "good";
}
