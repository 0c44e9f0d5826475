/** What the acting host's own client does: pkg/room/chair.go. */
import { lost } from "./advert";
import { learning } from "./directive";
import { type Draft, edit } from "./draft";
import { elect } from "./election";
import { judgeLoad } from "./load";
import { crowded } from "./roster";
import { repeat } from "./say";
import { current, indexOf } from "./state";
import { connectFor, lostAfter } from "./times";

/** Looks whether another topology is right, and says so; whether it said anything. */
export function preside(d: Draft): boolean {
  if (d.chair !== d.self || learning(d)) {
    return false;
  }
  judgeReach(d);
  judgeLoad(d);
  if (elect(d)) {
    return true;
  }
  const due = d.tenure.repeatAt !== 0 && d.now >= d.tenure.repeatAt;
  return (due || unsaid(d)) && repeat(d);
}

/**
 * Whether there is a first word to say: who enters a room too large for a mesh
 * waits to be told what is in force, and before the room's first star that is
 * what nobody has said yet.
 */
const unsaid = (d: Draft): boolean => d.force.by === "" && crowded(d);

/**
 * The last thing that self does in a chair that a newcomer takes: that one waits
 * to be told, and so do those who come with it.
 */
export function handOver(d: Draft): void {
  if (unsaid(d) && !learning(d)) {
    repeat(d);
  }
}

/** Marks an SFU or standby that self cannot reach. */
function judgeReach(d: Draft): void {
  const shape = d.self === d.arranged.sfu ? "serve" : "sfu";
  for (const id of [d.arranged.sfu, d.arranged.standby]) {
    const i = indexOf(d, id);
    const m = d.members[i];
    const l = current(m, shape);
    if (id === d.self || m === undefined || l === undefined) {
      continue;
    }
    const wait = l.ever ? lostAfter : lostAfter + connectFor;
    const open = edit(d, i);
    if (open === undefined) {
      continue;
    }
    if (l.up && m.lostAt !== 0) {
      open.lostAt = 0;
      open.unmet = 0;
    } else if (!l.up && d.now >= l.since + wait && !lost(d, m)) {
      open.lostAt = d.now;
      open.unmet = l.ever ? 0 : m.unmet + 1;
    }
  }
}
