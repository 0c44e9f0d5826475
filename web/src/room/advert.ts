/** What others can lend: pkg/room/advert.go. */
import { type Capacity, maxRoster, type RTT } from "../protocol/messages.gen";
import { type Draft, edit } from "./draft";
import type { Elector } from "./elect";
import { maxMillis } from "./links";
import { overloaded } from "./load";
import type { Refused } from "./outcome";
import { smooth } from "./smooth";
import { indexOf, type Member, memberOf } from "./state";
import { linked } from "./succession";
import { advertFor, lostFor, unmetFor } from "./times";

const maxKbps = 10_000_000;
const maxCoresMilli = 1_000_000;

export function advert(d: Draft, from: string, c: Capacity): Refused | undefined {
  const i = indexOf(d, from);
  if (d.phase !== "inside") {
    return "outside";
  }
  if (i < 0) {
    return "stranger";
  }
  if (!sound(c)) {
    return "malformed";
  }
  const m = edit(d, i);
  if (m !== undefined) {
    const before = m.advertAt !== 0 && d.now < m.advertAt + advertFor ? m.capacity : c;
    const rtt = median(d, c.rtts ?? []);
    m.rtt = before === c ? rtt : smooth(m.rtt, rtt);
    m.capacity = {
      uplink_kbps: smooth(before.uplink_kbps, c.uplink_kbps),
      downlink_kbps: smooth(before.downlink_kbps, c.downlink_kbps),
      cores_milli: smooth(before.cores_milli, c.cores_milli),
      reachable: c.reachable,
      willing: c.willing,
      loss_mille: c.loss_mille ?? 0,
    };
    m.advertAt = d.now;
  }
  return undefined;
}

function sound(c: Capacity): boolean {
  const within = (x: number, most: number) => Number.isInteger(x) && x >= 0 && x <= most;
  const rtts = c.rtts ?? [];
  return (
    within(c.uplink_kbps, maxKbps) &&
    within(c.downlink_kbps, maxKbps) &&
    within(c.cores_milli, maxCoresMilli) &&
    within(c.loss_mille ?? 0, 1000) &&
    rtts.length <= maxRoster &&
    rtts.every((r) => within(r.millis, maxMillis))
  );
}

/** The lower median of the round trips to present members. */
function median(d: Draft, rtts: readonly RTT[]): number {
  const known = rtts
    .filter((r) => memberOf(d, r.to) !== undefined)
    .map((r) => r.millis)
    .sort((a, b) => a - b);
  return known[(known.length - 1) >> 1] ?? 0;
}

export function lost(d: Draft, m: Member): boolean {
  const wait =
    m.unmet === 0 ? lostFor : Math.min(lostFor, unmetFor * 2 ** Math.min(m.unmet - 1, 2));
  return m.lostAt !== 0 && d.now < m.lostAt + wait;
}

/** The roster as the election sees it. */
export function electorate(d: Draft): readonly Elector[] {
  return d.members.map((m) => {
    const { id, n, kind } = m.is;
    if (kind === "browser" || !believed(d, m)) {
      return { id, n, kind };
    }
    return {
      id,
      n,
      kind,
      ...m.capacity,
      lost: lost(d, m),
      overloaded: overloaded(d, m),
      rtt_millis: m.rtt === 0 ? ownRTT(m) : m.rtt,
    };
  });
}

/** Whether an advert still counts: a recent one, or that of who serves and is connected. */
function believed(d: Draft, m: Member): boolean {
  const { id } = m.is;
  const serves = id === d.arranged.sfu || id === d.arranged.standby;
  return (
    m.advertAt !== 0 && (d.now < m.advertAt + advertFor || id === d.self || (serves && linked(m)))
  );
}

function ownRTT(m: Member): number {
  return m.links.find((l) => l.rtt !== 0)?.rtt ?? 0;
}
