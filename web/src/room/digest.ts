/** A state as JSON text, the same as pkg/room/digest.go writes. */
import type { Capacity } from "../protocol/messages.gen";
import type { Figures } from "./elect";
import type { Force, Member, State, Wish } from "./state";

export function digest(s: State): string {
  return JSON.stringify([
    s.phase,
    s.now,
    s.self,
    s.session,
    s.meshMax,
    s.enteredAt,
    s.untold,
    s.members.map(member),
    s.removed.map((r) => [r.id, r.n]),
    s.heard.map((h) => [h.via, h.at, ...h.peers]),
    s.chair,
    [s.tenure.term, s.tenure.seq, s.tenure.repeatAt, s.tenure.repeats],
    force(s.force),
    s.top,
    s.held.map(force),
    wish(s.wish),
    s.arranged.topology,
    s.arranged.sfu,
    s.arranged.standby,
    s.sfuAt,
    s.takenOver,
    s.drains,
    s.showAt,
    s.shows,
    s.lossSince,
    s.call.since,
    s.call.at,
    s.call.count,
  ]);
}

function member(m: Member): readonly unknown[] {
  const { id, n, session, kind, role, via, presence: p } = m.is;
  return [
    id,
    n,
    session,
    kind,
    role,
    via,
    [p.name, p.mic, p.camera, p.screen, p.hand, p.recording ?? false],
    m.doubted,
    m.missing,
    capacity(m.capacity),
    m.advertAt,
    m.rtt,
    m.lostAt,
    m.unmet,
    m.overAt,
    m.overs,
    ...m.links.map((l) => [
      l.session,
      l.shape,
      l.purpose,
      l.up,
      l.ever,
      l.carrying,
      l.asked,
      l.quiet,
      l.since,
      l.drain,
      l.ease,
      l.rtt,
    ]),
  ];
}

function capacity(c: Capacity): readonly unknown[] {
  const { uplink_kbps, downlink_kbps, cores_milli, reachable, willing, loss_mille } = c;
  return [uplink_kbps, downlink_kbps, cores_milli, reachable, willing, loss_mille ?? 0];
}

function force(f: Force): readonly unknown[] {
  const x = f.directive;
  return [
    f.by,
    f.at,
    x?.term ?? 0,
    x?.seq ?? 0,
    x?.topology ?? "",
    x?.sfu ?? "",
    x?.standby ?? "",
    x?.manual ?? false,
    x?.reason ?? "",
  ];
}

function wish(w: Wish): readonly unknown[] {
  const c = w.choice;
  return [
    w.since,
    c?.topology ?? "",
    c?.sfu ?? "",
    c?.standby ?? "",
    c?.reason ?? "",
    figures(c?.figures),
  ];
}

function figures(f: Figures | undefined): readonly number[] {
  return [
    f?.members ?? 0,
    f?.mesh_max ?? 0,
    f?.receivers ?? 0,
    f?.need_kbps ?? 0,
    f?.have_kbps ?? 0,
    f?.rtt_millis ?? 0,
    f?.score ?? 0,
    f?.against ?? 0,
  ];
}
