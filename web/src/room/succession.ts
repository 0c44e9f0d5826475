/** Whose turn the chair is, and who is still in the room: pkg/protocol/participant.go, pkg/room/succession.go. */
import { maxInt, type Participant } from "../protocol/messages.gen";
import type { Draft, OpenMember } from "./draft";
import { current, lastHeard, type Member, memberOf, type State } from "./state";
import { doubtFor, heardFor, linkDownFor, missingFor } from "./times";

/**
 * Who has the chair of a room with this roster: the host, else the co-host,
 * else the participant by invitation, else by password, each with the lowest
 * join number. Helpers never; "" when nobody can.
 */
export function actingHost(roster: readonly Participant[]): string {
  let best: Participant | undefined;
  for (const p of roster) {
    if (p.kind !== "helper" && (best === undefined || precedes(p, best))) {
      best = p;
    }
  }
  return best?.id ?? "";
}

function precedes(a: Participant, b: Participant): boolean {
  const x = standing(a);
  const y = standing(b);
  return x === y ? a.n < b.n : x < y;
}

function standing(p: Participant): number {
  if (p.role === "host") {
    return 0;
  }
  if (p.role === "co-host") {
    return 1;
  }
  return p.via === "invitation" ? 2 : 3;
}

/** Whether a member counts in the succession. */
export function counts(d: Draft, m: Member): boolean {
  return m.is.id === d.self || m.doubted === 0 || d.now < m.doubted + doubtFor;
}

/** Who has the chair by the roster, not counting `except`. */
export function presiding(d: Draft, ...except: readonly string[]): string {
  return actingHost(
    d.members.filter((m) => !except.includes(m.is.id) && counts(d, m)).map((m) => m.is),
  );
}

/** When an unconfirmed member without a further sign of life is given up. */
export function doubtEnds(state: State, m: Member): number {
  let ends = lastHeard(state, m.is.id, "") + heardFor;
  let linked = false;
  for (const l of m.links) {
    if (l.up) {
      return maxInt;
    }
    if (l.ever) {
      ends = Math.max(ends, l.since + linkDownFor);
      linked = true;
    }
  }
  return m.missing && !linked ? Math.max(ends, m.doubted + missingFor) : ends;
}

export function expireDoubts(d: Draft): void {
  for (const m of [...d.members]) {
    if (m.doubted !== 0 && d.now >= doubtEnds(d, m)) {
      drop(d, m.is.id, "lost");
    }
  }
}

export function drop(
  d: Draft,
  id: string,
  why: "left" | "lost" | "removed" | "denied" | "ended",
): void {
  d.members = d.members.filter((m) => m.is.id !== id);
  d.notices.push({ type: "gone", id, why });
  d.replan = true;
  d.reseat = d.reseat || id === d.chair;
}

/** Whether a member's present link of any shape is up. */
export function linked(m: Member | OpenMember | undefined): boolean {
  return m?.links.some((l) => l.up) ?? false;
}

/** The link by which self has a member as SFU or standby. */
export function linkTo(state: State, id: string) {
  return current(memberOf(state, id), "sfu");
}
