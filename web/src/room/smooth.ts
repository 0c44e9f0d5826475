/** Takes in a measurement so that one that wavers around the truth by a tenth does not make a choice waver. */
export function smooth(before: number, now: number): number {
  return Math.floor((3 * before + now) / 4);
}
