/** The links that self should have: pkg/room/plan.go. */
import { learning } from "./directive";
import type { Draft } from "./draft";
import { edit, type OpenLink } from "./draft";
import { drain, hush } from "./drain";
import {
  carries,
  extraSlots,
  type KnownLink,
  type PlannedLink,
  type Purpose,
  type Shape,
} from "./link";
import { type Member, memberOf, order, router } from "./state";

interface Want {
  readonly shape: Shape;
  readonly purpose: Purpose;
}

/** The one link that self wants with a member, if any. */
function wants(d: Draft, m: Member): Want | undefined {
  const helper = memberOf(d, d.self)?.is.kind === "helper";
  const { topology, sfu, standby } = d.arranged;
  const served = m.is.kind !== "helper";
  const id = m.is.id;
  if (topology === "mesh") {
    return served && !helper ? { shape: "mesh", purpose: "mesh" } : undefined;
  }
  if (d.self === sfu || (d.self === standby && id !== sfu)) {
    return served ? { shape: "serve", purpose: "serve" } : undefined;
  }
  if (helper || !(id === sfu || id === standby)) {
    return undefined;
  }
  return { shape: "sfu", purpose: id === router(d) ? "sfu" : "standby" };
}

/** Makes the links what the arrangement wants and lets go of drained ones. */
export function reconcile(d: Draft): void {
  if (d.untold && !learning(d)) {
    d.untold = false;
    d.replaced = true;
  }
  if (d.replan) {
    d.members.forEach((m, i) => {
      if (m.is.id !== d.self) {
        rewant(d, i, m);
      }
    });
  }
  if (d.replan || d.drains > 0) {
    drain(d);
  }
  if (d.replan || d.replaced) {
    rewrite(d);
  }
  d.replan = false;
  d.replaced = false;
}

/** Makes the links with a member the one that is wanted; others that are up begin to drain. */
function rewant(d: Draft, i: number, m: Member): void {
  const want = wants(d, m);
  const wanted = (l: KnownLink) =>
    want !== undefined && l.session === m.is.session && l.shape === want.shape;
  const fits = (l: KnownLink) => wanted(l) && l.purpose === want?.purpose && l.drain === 0;
  if (want === undefined ? m.links.length === 0 : m.links.length === 1 && m.links.every(fits)) {
    return;
  }
  const open = edit(d, i);
  if (open === undefined) {
    return;
  }
  const kept = open.links.filter((l) => l.up || wanted(l));
  d.again = d.again || (kept.length < open.links.length && m.doubted !== 0);
  open.links = kept;
  for (const l of open.links) {
    if (want !== undefined && wanted(l)) {
      repurpose(d, l, want.purpose);
    } else if (l.drain === 0) {
      Object.assign(l, { drain: d.now, ease: 0 });
    }
  }
  if (want !== undefined && !open.links.some(wanted)) {
    open.links.push(fresh(m.is.session, want, d.now));
    open.links.sort((a, b) => a.session - b.session || order(a.shape, b.shape));
  }
  d.replaced = true;
}

/** What was the SFU's and is the standby's goes on carrying until the new SFU has everybody. */
function repurpose(d: Draft, l: OpenLink, purpose: Purpose): void {
  if (purpose !== "standby") {
    l.ease = 0;
    hush(l, false);
  } else if (l.purpose === "sfu" && carries(l)) {
    l.ease = d.now;
    d.drains++;
  } else if (l.ease === 0) {
    hush(l, true);
  }
  l.purpose = purpose;
  l.drain = 0;
}

function fresh(session: number, want: Want, now: number): KnownLink {
  const still = { up: false, ever: false, carrying: false, asked: false };
  const quiet = want.purpose === "standby";
  return { session, ...want, ...still, quiet, since: now, drain: 0, ease: 0, rtt: 0 };
}

/** Writes the plan anew, unless no line differs. */
function rewrite(d: Draft): void {
  const lines = d.members.flatMap((m) => m.links.map((l) => line(d, m.is.id, l)));
  const same =
    lines.length === d.plan.length && lines.every((l, i) => equal(l, d.plan[i] ?? undefined));
  if (!same) {
    d.plan = lines;
  }
}

function line(d: Draft, peer: string, l: KnownLink): PlannedLink {
  const meshes = l.shape === "mesh" && later(d, peer, l.session);
  return {
    peer,
    session: l.session,
    shape: l.shape,
    purpose: l.purpose,
    offer: l.shape === "sfu" || meshes,
    waits: d.untold && meshes,
    extra: extraSlots(l.shape),
    draining: l.drain !== 0,
    quiet: l.quiet,
  };
}

/** Whether self came later than a peer, and so offers a link in which neither serves the other. */
function later(d: Draft, peer: string, session: number): boolean {
  return d.session === session ? d.self > peer : d.session > session;
}

function equal(a: PlannedLink, b: PlannedLink | undefined): boolean {
  return (
    b !== undefined &&
    a.peer === b.peer &&
    a.session === b.session &&
    a.shape === b.shape &&
    a.purpose === b.purpose &&
    a.offer === b.offer &&
    a.waits === b.waits &&
    a.draining === b.draining &&
    a.quiet === b.quiet
  );
}
