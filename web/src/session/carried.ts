/**
 * The same source may come by two links at once, while a room moves from one to
 * the other: which one is shown and heard, and when the other can go. Pure.
 */
import type { Flow } from "../link/incoming";
import type { PlannedLink } from "../room/link";

/** A link and what it brings. */
export interface Carrier {
  readonly line: Pick<PlannedLink, "draining" | "purpose">;
  readonly up: boolean;
  readonly flows: readonly Flow[];
}

/**
 * One flow of each source: one of a link that is up before one of a link that is
 * not, one that arrives before one that does not yet, one that has settled before
 * one that has not, the new before the old. A dead SFU's picture and the end of
 * its sound are nothing to wait with: what is to show and play the next ones is
 * then ready for the first of them.
 */
export function chosenOf(carriers: readonly Carrier[]): readonly Flow[] {
  const best = new Map<string, { readonly flow: Flow; readonly rank: number }>();
  for (const carrier of carriers) {
    for (const flow of carrier.flows) {
      const key = `${flow.from}/${flow.source}`;
      const rank = rankOf(carrier, flow);
      const before = best.get(key);
      if (before === undefined || rank < before.rank) {
        best.set(key, { flow, rank });
      }
    }
  }
  return [...best.values()].map(({ flow }) => flow);
}

function rankOf({ line, up }: Carrier, { live, settled }: Flow): number {
  const late = (line.draining ? 2 : 0) + (line.purpose === "standby" ? 1 : 0);
  return (up ? 0 : 16) + (live ? 0 : 8) + (settled ? 0 : 4) + late;
}

/**
 * Whether `now` brings everything of somebody that `before` still brings: then
 * nothing is lost with `before`. When all its slots for sound are in use, who
 * is not among the loudest has none, and misses none.
 */
export function covers(
  now: readonly Flow[],
  before: readonly Flow[],
  somebody: string,
  audioSlots: number,
): boolean {
  const heard = now.filter(({ track, live }) => live && track.kind === "audio").length;
  return before
    .filter(({ from, live }) => live && from === somebody)
    .every(({ source, track }) => {
      const there = now.find((flow) => flow.from === somebody && flow.source === source);
      return there === undefined ? track.kind === "audio" && heard >= audioSlots : there.settled;
    });
}
