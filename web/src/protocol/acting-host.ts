/** Who has the chair: the twin of pkg/protocol's ActingHost. */
import type { Participant } from "./messages.gen";

/**
 * The host when present, else the co-host, else the participant by invitation,
 * else the participant by password, each with the lowest join number; never a
 * helper. Undefined when nobody can. Everybody computes it alike, so nobody votes.
 */
export function actingHost(roster: readonly Participant[]): string | undefined {
  let best: Participant | undefined;
  for (const one of roster) {
    if (one.kind !== "helper" && (best === undefined || precedes(one, best))) {
      best = one;
    }
  }
  return best?.id;
}

function precedes(a: Participant, b: Participant): boolean {
  const difference = standing(a) - standing(b);
  return difference === 0 ? a.n < b.n : difference < 0;
}

function standing({ role, via }: Participant): number {
  if (role === "host") {
    return 0;
  }
  if (role === "co-host") {
    return 1;
  }
  return via === "invitation" ? 2 : 3;
}
