/**
 * The choice that a room's acting host says: mesh or star, which SFU, which
 * standby, and why. The twin of pkg/elect, where its contract is told; both run
 * pkg/elect/testdata/vectors. Whole numbers below 2^53, quotients rounded down.
 */
export type Topology = "mesh" | "star" | "tree";

export interface Elector {
  readonly id: string;
  readonly n: number;
  readonly kind: "browser" | "node" | "helper";
  readonly willing?: boolean;
  readonly reachable?: boolean;
  readonly uplink_kbps?: number;
  readonly downlink_kbps?: number;
  readonly cores_milli?: number;
  readonly rtt_millis?: number;
  readonly lost?: boolean;
  readonly overloaded?: boolean;
}

export interface Current {
  readonly topology: Topology;
  readonly sfu?: string;
  readonly standby?: string;
}

export interface Thresholds {
  readonly mesh_max: number;
  readonly mesh_margin: number;
  readonly beat_mille: number;
  readonly keep_mille: number;
  readonly receiver_kbps: number;
  readonly sender_kbps: number;
  readonly cores_milli_each: number;
  readonly unknown_rtt_milli: number;
}

export interface ElectInput {
  readonly members: readonly Elector[];
  readonly current: Current;
  readonly thresholds: Thresholds;
}

export type ElectReason =
  | "small-room"
  | "no-candidate"
  | "large-room"
  | "stays"
  | "better-sfu"
  | "sfu-lost"
  | "sfu-overloaded"
  | "new-standby";

export interface Figures {
  readonly members: number;
  readonly mesh_max: number;
  readonly receivers: number;
  readonly need_kbps: number;
  readonly have_kbps: number;
  readonly rtt_millis: number;
  readonly score: number;
  readonly against: number;
}

export interface Choice {
  readonly topology: Topology;
  readonly sfu: string;
  readonly standby: string;
  readonly reason: ElectReason;
  readonly figures: Figures;
}

/** The thresholds for a largest mesh of `meshMax`. */
export function defaults(meshMax: number): Thresholds {
  return {
    mesh_max: meshMax,
    mesh_margin: 1,
    beat_mille: 250,
    keep_mille: 800,
    receiver_kbps: 600,
    sender_kbps: 600,
    cores_milli_each: 2,
    unknown_rtt_milli: 150,
  };
}

/** Whether a choice is another than the one in force. */
export function differs(choice: Choice, current: Current): boolean {
  if (choice.topology !== "star") {
    return current.topology === "star" || current.topology === "tree";
  }
  return (
    current.topology !== "star" ||
    choice.sfu !== (current.sfu ?? "") ||
    choice.standby !== (current.standby ?? "")
  );
}

export function choose(input: ElectInput): Choice {
  const room = survey(input);
  if (fitsMesh(room, input.current)) {
    return mesh(room, "small-room");
  }
  const incumbent = find(room, input.current.sfu ?? "");
  // A star that loses packets is better than a mesh too large.
  const last =
    input.current.topology === "star" && incumbent?.lasts === true ? incumbent : undefined;
  const sfu = pick(room, input.current.sfu ?? "", input.current.standby ?? "", "") ?? last;
  if (sfu === undefined) {
    return mesh(room, "no-candidate");
  }
  const standby = pick(room, input.current.standby ?? "", "", sfu.id)?.id ?? "";
  const why = reason(input.current, incumbent, sfu);
  return {
    topology: "star",
    sfu: sfu.id,
    standby,
    reason: why === "stays" && standby !== (input.current.standby ?? "") ? "new-standby" : why,
    figures: figures(room, sfu),
  };
}

function mesh(room: Room, why: ElectReason): Choice {
  return { topology: "mesh", sfu: "", standby: "", reason: why, figures: figures(room, undefined) };
}

function reason(
  current: Current,
  incumbent: Candidate | undefined,
  chosen: Candidate,
): ElectReason {
  if (current.topology !== "star") {
    return "large-room";
  }
  if (incumbent === chosen) {
    return "stays";
  }
  if (incumbent === undefined || incumbent.lost) {
    return "sfu-lost";
  }
  return incumbent.keeps ? "better-sfu" : "sfu-overloaded";
}

const largest = 10_000_000;
const maxHeadroom = 4000;

/** Somebody who could carry a star, judged for this room. */
interface Candidate {
  readonly id: string;
  readonly n: number;
  readonly helps: boolean;
  readonly lost: boolean;
  readonly uplink: number;
  readonly rtt: number;
  readonly need: number;
  readonly headroom: number;
  readonly score: number;
  readonly carries: boolean;
  readonly keeps: boolean;
  /** Has enough to stay while nobody else can carry. */
  readonly lasts: boolean;
}

interface Room {
  readonly thresholds: Thresholds;
  readonly members: number;
  readonly candidates: readonly Candidate[];
}

function survey(input: ElectInput): Room {
  const thresholds = boundedThresholds(input.thresholds);
  const first = new Map<string, Elector>();
  for (const m of input.members) {
    if (!first.has(m.id)) {
      first.set(m.id, m);
    }
  }
  const all = [...first.values()];
  const members = all.filter((m) => m.kind !== "helper").length;
  const candidates = all
    .filter((m) => m.kind !== "browser" && m.willing === true)
    .map((m) => judge(m, members, thresholds));
  return { thresholds, members, candidates };
}

/**
 * An SFU that nobody can replace goes on with a quarter of what is needed, which
 * is everybody's smallest picture, and with anything at all where a mesh would
 * be more than twice its size: that would ask more of every member.
 */
const lastMille = 250;
const farTooMany = 2;

function judge(m: Elector, members: number, t: Thresholds): Candidate {
  const helps = m.kind === "helper";
  const lost = m.lost ?? false;
  const uplink = bounded(m.uplink_kbps ?? 0, 0, largest);
  const downlink = bounded(m.downlink_kbps ?? 0, 0, largest);
  const cores = bounded(m.cores_milli ?? 0, 0, largest);
  const rtt = bounded(m.rtt_millis ?? 0, 0, largest);
  const others = Math.max(helps ? members : members - 1, 1);
  const need = others * t.receiver_kbps;
  const headroom = Math.min(
    maxHeadroom,
    perMille(uplink, need),
    perMille(downlink, others * t.sender_kbps),
    perMille(cores, others * t.cores_milli_each),
  );
  const lasts = !lost && (headroom >= lastMille || members > farTooMany * t.mesh_max);
  const keeps = !lost && headroom >= t.keep_mille && m.overloaded !== true;
  const score = Math.floor((headroom * 1000) / (100 + (rtt === 0 ? t.unknown_rtt_milli : rtt)));
  return {
    id: m.id,
    n: m.n,
    helps,
    lost,
    uplink,
    rtt,
    need,
    headroom,
    score: m.reachable === true ? score : Math.floor(score / 2),
    carries: keeps && headroom >= 1000,
    keeps,
    lasts,
  };
}

function fitsMesh(room: Room, current: Current): boolean {
  const { mesh_max, mesh_margin } = room.thresholds;
  return (
    room.members <= (current.topology === "star" ? Math.max(mesh_max - mesh_margin, 1) : mesh_max)
  );
}

/** Who should have the place that `incumbent` holds. */
function pick(room: Room, incumbent: string, heir: string, except: string): Candidate | undefined {
  let best: Candidate | undefined;
  for (const c of room.candidates) {
    if (c.id !== except && c.carries && (best === undefined || precedes(c, best))) {
      best = c;
    }
  }
  for (const id of [incumbent, heir]) {
    const holder = find(room, id);
    if (holder === undefined || id === except || !holder.keeps) {
      continue;
    }
    return best !== undefined && beats(room, best, holder) ? best : holder;
  }
  return best;
}

function beats(room: Room, a: Candidate, b: Candidate): boolean {
  if (a === b) {
    return false;
  }
  const margin = 1000 + room.thresholds.beat_mille;
  return a.helps === b.helps ? a.score * 1000 > b.score * margin : b.helps && a.headroom >= margin;
}

function precedes(a: Candidate, b: Candidate): boolean {
  if (a.helps !== b.helps) {
    return !a.helps;
  }
  if (a.score !== b.score) {
    return a.score > b.score;
  }
  return a.n === b.n ? a.id < b.id : a.n < b.n;
}

function find(room: Room, id: string): Candidate | undefined {
  return id === "" ? undefined : room.candidates.find((c) => c.id === id);
}

function figures(room: Room, sfu: Candidate | undefined): Figures {
  const { receiver_kbps, mesh_max } = room.thresholds;
  return {
    members: room.members,
    mesh_max,
    receivers: sfu === undefined ? 0 : Math.floor(sfu.need / Math.max(receiver_kbps, 1)),
    need_kbps: sfu?.need ?? 0,
    have_kbps: sfu?.uplink ?? 0,
    rtt_millis: sfu?.rtt ?? 0,
    score: sfu?.score ?? 0,
    against:
      sfu === undefined
        ? 0
        : Math.max(0, ...room.candidates.filter((c) => c !== sfu && c.carries).map((c) => c.score)),
  };
}

function perMille(have: number, need: number): number {
  return Math.floor((have * 1000) / Math.max(need, 1));
}

function bounded(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}

function boundedThresholds(t: Thresholds): Thresholds {
  return {
    mesh_max: bounded(t.mesh_max, 1, 1000),
    mesh_margin: bounded(t.mesh_margin, 0, 1000),
    beat_mille: bounded(t.beat_mille, 0, 1000),
    keep_mille: bounded(t.keep_mille, 0, 1000),
    receiver_kbps: bounded(t.receiver_kbps, 1, 100_000),
    sender_kbps: bounded(t.sender_kbps, 1, 100_000),
    cores_milli_each: bounded(t.cores_milli_each, 1, 100_000),
    unknown_rtt_milli: bounded(t.unknown_rtt_milli, 0, largest),
  };
}
