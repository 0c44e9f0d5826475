/** What links did: the events of pkg/room/link.go. */
import { maxRoster } from "../protocol/messages.gen";
import { type Draft, edit, type OpenLink } from "./draft";
import type { Ref } from "./link";
import type { Refused } from "./outcome";
import { smooth } from "./smooth";
import { current, indexOf, memberOf, order } from "./state";

export const maxMillis = 600_000;

/** The link of an event, for change; or why the event is refused. */
function touch(d: Draft, ref: Ref): OpenLink | Refused {
  if (d.phase !== "inside") {
    return "outside";
  }
  const i = indexOf(d, ref.peer);
  if (i < 0) {
    return "stranger";
  }
  const link = edit(d, i)?.links.find((l) => l.session === ref.session && l.shape === ref.shape);
  return link ?? "not-wanted";
}

export function linkUp(d: Draft, ref: Ref): Refused | undefined {
  const l = touch(d, ref);
  if (typeof l === "string") {
    return l;
  }
  if (l.up) {
    return "known";
  }
  Object.assign(l, { up: true, ever: true, carrying: false, asked: true, since: d.now });
  if (d.force.by !== "" && l.drain === 0) {
    d.actions.push({ type: "show", to: ref.peer });
  }
  return undefined;
}

export function linkCarrying(d: Draft, ref: Ref): Refused | undefined {
  const l = touch(d, ref);
  if (typeof l === "string") {
    return l;
  }
  if (l.carrying) {
    return "known";
  }
  if (!l.up) {
    return "not-wanted";
  }
  l.carrying = true;
  return undefined;
}

export function linkDown(d: Draft, ref: Ref): Refused | undefined {
  const l = touch(d, ref);
  if (typeof l === "string") {
    return l;
  }
  if (!l.up) {
    return "known";
  }
  Object.assign(l, { up: false, carrying: false, since: d.now });
  return undefined;
}

export function linkAsked(d: Draft, ref: Ref, asked: boolean): Refused | undefined {
  const l = touch(d, ref);
  if (typeof l === "string") {
    return l;
  }
  if (!l.up) {
    return "not-wanted";
  }
  if (l.asked === asked) {
    return "known";
  }
  l.asked = asked;
  return undefined;
}

export function linkMeasured(d: Draft, ref: Ref, millis: number): Refused | undefined {
  if (!Number.isInteger(millis) || millis < 0 || millis > maxMillis) {
    return "malformed";
  }
  const l = touch(d, ref);
  if (typeof l === "string") {
    return l;
  }
  if (!l.up) {
    return "not-wanted";
  }
  l.rtt = l.rtt === 0 ? millis : smooth(l.rtt, millis);
  return undefined;
}

export function heard(d: Draft, via: string, peers: readonly string[]): Refused | undefined {
  if (d.phase !== "inside") {
    return "outside";
  }
  if (peers.length > maxRoster) {
    return "malformed";
  }
  const m = memberOf(d, via);
  if (m === undefined) {
    return "stranger";
  }
  const { sfu, standby } = d.arranged;
  if ((via !== sfu && via !== standby) || current(m, "sfu")?.up !== true) {
    return "not-wanted";
  }
  d.heard = [
    ...d.heard.filter((h) => h.via !== via && (h.via === sfu || h.via === standby)),
    { via, at: d.now, peers: [...peers].sort(order) },
  ];
  return undefined;
}
