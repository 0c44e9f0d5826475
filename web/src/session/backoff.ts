/** How long to wait before the next try. Pure. */

const firstMillis = 250;
const mostMillis = 8_000;

/**
 * Doubles with each failed try; `chance` (0…1) spreads it over its upper half,
 * so that a room full of clients does not come back in one moment.
 */
export function backoff(failures: number, chance: number): number {
  const whole = Math.min(mostMillis, firstMillis * 2 ** Math.max(0, failures - 1));
  return failures === 0 ? 0 : whole / 2 + (whole / 2) * chance;
}
