/** Who comes, goes and changes: pkg/room/roster.go. */
import { maxInt, maxRoster, type Participant } from "../protocol/messages.gen";
import type { Draft } from "./draft";
import type { Event, RoomPolicy } from "./input";
import type { Refused } from "./outcome";
import { indexOf, type Member, memberOf, noCapacity, order, place } from "./state";
import { doubtEnds, drop, presiding } from "./succession";
import { maxRemoved } from "./times";

type Of<T extends Event["type"]> = Extract<Event, { readonly type: T }>;

export function welcome(d: Draft, e: Of<"welcome">): Refused | undefined {
  if (e.self.id !== d.self || (d.session !== 0 && e.self.session !== d.session)) {
    return "not-self";
  }
  if (!(sound(e.self) && soundPolicy(e.policy)) || e.roster.length > maxRoster) {
    return "malformed";
  }
  const entering = d.phase !== "inside" && e.waiting !== true;
  if (e.waiting === true) {
    if (d.phase === "inside") {
      return "not-self";
    }
    d.phase = "waiting";
  } else if (!(e.resumed === true && d.phase === "inside")) {
    const refused = fresh(d, e.roster);
    if (refused !== undefined) {
      return refused;
    }
  }
  d.session = e.self.session;
  d.meshMax = e.policy.mesh_max;
  if (entering) {
    d.untold = crowded(d);
  }
  if (d.force.by !== "" && d.chair === d.self) {
    // What was said while the rendezvous was out of reach went over links alone,
    // and some have no link with the acting host.
    d.actions.push({ type: "show", to: "" });
  }
  return undefined;
}

/**
 * Whether there are too many for a mesh: who enters such a room waits to be told
 * of its star before offering a link to everybody.
 */
export function crowded(d: Draft): boolean {
  return d.members.filter((m) => m.is.kind !== "helper").length > d.meshMax;
}

/** Takes a fresh roster. Who is missing is doubted, not dropped: a restarted rendezvous takes people back one by one. */
function fresh(d: Draft, roster: readonly Participant[]): Refused | undefined {
  if (!roster.every(sound)) {
    return "malformed";
  }
  const admitted = roster.filter((p) => !wasRemoved(d, p));
  const members = new Map(admitted.map((p) => [p.id, rejoined(d, p)]));
  if (members.size < admitted.length || !members.has(d.self)) {
    return "malformed";
  }
  for (const m of d.members) {
    if (!members.has(m.is.id)) {
      members.set(m.is.id, m.doubted === 0 ? { ...m, doubted: d.now, missing: true } : m);
    }
  }
  const before = new Map(d.members.map((m) => [m.is.id, m]));
  d.members = [...members.values()].sort((a, b) => order(a.is.id, b.is.id));
  for (const m of d.members) {
    noteFresh(d, before.get(m.is.id), m);
  }
  if (d.phase !== "inside") {
    d.phase = "inside";
    d.enteredAt = d.now;
  }
  d.reseat = true;
  d.replan = true;
  return undefined;
}

function noteFresh(d: Draft, before: Member | undefined, m: Member): void {
  if (before === undefined) {
    d.notices.push({ type: "entered", id: m.is.id });
    arrived(d, m.is.id);
  } else if (before.doubted === 0 && m.doubted !== 0) {
    d.notices.push({ type: "doubted", id: m.is.id });
  } else {
    noteReturn(d, before, m);
    if (before.is.session !== m.is.session) {
      arrived(d, m.is.id);
    }
  }
}

/** The member for a roster's entry: the one that was here, with its links, or a new one. */
function rejoined(d: Draft, p: Participant): Member {
  const old = memberOf(d, p.id);
  const blank = {
    capacity: noCapacity,
    advertAt: 0,
    rtt: 0,
    lostAt: 0,
    unmet: 0,
    overAt: 0,
    overs: 0,
  };
  if (old === undefined) {
    return { is: p, doubted: 0, missing: false, ...blank, links: [] };
  }
  const kept = { ...old, is: p, doubted: 0, missing: false };
  return p.session === old.is.session ? kept : { ...kept, ...blank };
}

function noteReturn(d: Draft, before: Member, m: Member): void {
  if (before.doubted !== 0 && m.doubted === 0) {
    d.notices.push({ type: "confirmed", id: m.is.id });
  }
  if (before.is.session !== m.is.session) {
    d.notices.push({ type: "restarted", id: m.is.id });
  }
}

export function joined(d: Draft, p: Participant): Refused | undefined {
  const refused = inadmissible(d, p);
  if (refused !== undefined) {
    return refused;
  }
  const i = indexOf(d, p.id);
  const old = d.members[i];
  if (old === undefined) {
    if (d.members.length >= maxRoster) {
      return "full";
    }
    d.members.splice(
      place(d.members, p.id, (m) => m.is.id),
      0,
      rejoined(d, p),
    );
    d.notices.push({ type: "entered", id: p.id });
    arrived(d, p.id);
    return undefined;
  }
  if (old.doubted === 0 && old.is.session === p.session && old.is.n === p.n) {
    return "known";
  }
  replace(d, i, old, p);
  return undefined;
}

export function updated(d: Draft, p: Participant): Refused | undefined {
  if (d.phase === "inside" && p.id === d.self && p.session !== d.session) {
    return "not-self";
  }
  const refused = inadmissible(d, p);
  if (refused !== undefined) {
    return refused;
  }
  const i = indexOf(d, p.id);
  const old = d.members[i];
  if (old === undefined) {
    return "stranger";
  }
  if (old.doubted === 0 && same(old.is, p)) {
    return "known";
  }
  replace(d, i, old, p);
  return undefined;
}

function inadmissible(d: Draft, p: Participant): Refused | undefined {
  if (d.phase !== "inside") {
    return "outside";
  }
  if (!sound(p)) {
    return "malformed";
  }
  return wasRemoved(d, p) ? "removed" : undefined;
}

function replace(d: Draft, i: number, old: Member, p: Participant): void {
  const m = rejoined(d, p);
  d.members[i] = m;
  noteReturn(d, old, m);
  if (old.is.session !== p.session || old.doubted !== 0) {
    arrived(d, p.id);
  }
  if (
    old.is.kind !== p.kind ||
    old.is.role !== p.role ||
    old.is.via !== p.via ||
    old.is.n !== p.n
  ) {
    d.reseat = true;
    d.replan = true;
  }
}

/** Somebody who may not know what is in force. */
function arrived(d: Draft, id: string): void {
  d.replan = true;
  d.comers.push(id);
  if (d.force.by !== "" && id !== d.self && shower(d, id)) {
    d.actions.push({ type: "show", to: id });
  }
}

/** Whether it is for self to show somebody what is in force; everybody computes the same. */
export function shower(d: Draft, to: string): boolean {
  return (d.chair === to ? presiding(d, to) : d.chair) === d.self;
}

export function left(d: Draft, e: Of<"left">): Refused | undefined {
  const i = indexOf(d, e.id);
  const m = d.members[i];
  if (d.phase !== "inside") {
    return "outside";
  }
  if (e.id === d.self) {
    return "self";
  }
  if (m === undefined) {
    return "stranger";
  }
  if (e.why !== "lost") {
    if (e.why === "removed" || e.why === "denied") {
      bury(d, m);
    }
    drop(d, e.id, e.why);
    return undefined;
  }
  if (m.doubted !== 0) {
    return "known";
  }
  const doubted = { ...m, doubted: d.now, missing: false };
  d.members[i] = doubted;
  if (d.now < doubtEnds(d, doubted)) {
    d.notices.push({ type: "doubted", id: e.id });
  }
  return undefined;
}

export function policy(d: Draft, p: RoomPolicy): Refused | undefined {
  if (!soundPolicy(p)) {
    return "malformed";
  }
  if (d.phase !== "inside") {
    return "outside";
  }
  d.meshMax = p.mesh_max;
  return undefined;
}

function bury(d: Draft, m: Member): void {
  let graves = d.removed.filter((r) => r.id !== m.is.id);
  if (graves.length >= maxRemoved) {
    const oldest = graves.reduce((a, b) => (b.n < a.n ? b : a));
    graves = graves.filter((r) => r !== oldest);
  }
  d.removed = [...graves, { id: m.is.id, n: m.is.n }].sort((a, b) => order(a.id, b.id));
}

/** Whether an entry is of a stay that ended by removal; who is let in anew has a higher number. */
function wasRemoved(d: Draft, p: Participant): boolean {
  const grave = d.removed[place(d.removed, p.id, (r) => r.id)];
  return grave !== undefined && grave.id === p.id && p.n <= grave.n;
}

function sound(p: Participant): boolean {
  return (
    p.id !== "" &&
    numbered(p.n) &&
    numbered(p.session) &&
    ["browser", "node", "helper"].includes(p.kind) &&
    ["host", "co-host", "participant"].includes(p.role) &&
    ["invitation", "password"].includes(p.via)
  );
}

function numbered(x: number): boolean {
  return Number.isInteger(x) && x >= 1 && x <= maxInt;
}

function soundPolicy(p: RoomPolicy): boolean {
  return Number.isInteger(p.mesh_max) && p.mesh_max >= 2 && p.mesh_max <= 8;
}

function same(a: Participant, b: Participant): boolean {
  return (
    a.n === b.n &&
    a.session === b.session &&
    a.kind === b.kind &&
    a.role === b.role &&
    a.via === b.via &&
    a.presence.name === b.presence.name &&
    a.presence.mic === b.presence.mic &&
    a.presence.camera === b.presence.camera &&
    a.presence.screen === b.presence.screen &&
    a.presence.hand === b.presence.hand &&
    (a.presence.recording ?? false) === (b.presence.recording ?? false)
  );
}
