/** An SFU that advertises more than it has: pkg/room/load.go. */
import { type Draft, edit } from "./draft";
import { indexOf, type Member, type State } from "./state";
import { advertFor, lostFor, overloadFor, overloadMost } from "./times";

const overloadMille = 100;

/** Marks an SFU whose receivers go on missing too much of what it sends. */
export function judgeLoad(d: Draft): void {
  const i = indexOf(d, d.arranged.sfu);
  const m = d.members[i];
  if (m === undefined || d.takenOver || loss(d) < overloadMille) {
    d.lossSince = 0;
    return;
  }
  if (d.lossSince === 0) {
    d.lossSince = d.now;
  }
  if (d.now < d.lossSince + overloadFor || overloaded(d, m)) {
    return;
  }
  const open = edit(d, i);
  if (open !== undefined) {
    open.overAt = d.now;
    open.overs++;
  }
}

/** What the lower median of the SFU's receivers misses; who does not tell misses nothing. */
function loss(d: Draft): number {
  const fresh = (m: Member) =>
    m.advertAt >= d.sfuAt + overloadFor && d.now < m.advertAt + advertFor;
  const losses = d.members
    .filter((m) => m.is.id !== d.arranged.sfu && m.is.kind !== "helper")
    .map((m) => (fresh(m) ? (m.capacity.loss_mille ?? 0) : 0))
    .sort((a, b) => a - b);
  return losses[(losses.length - 1) >> 1] ?? 0;
}

/** Whether a member was found overloaded not long ago; each time it is believed again later. */
export function overloaded(state: State, m: Member): boolean {
  const wait = lostFor * 2 ** Math.min(m.overs - 1, overloadMost);
  return m.overAt !== 0 && state.now < m.overAt + wait;
}
