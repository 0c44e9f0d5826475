/** Letting go of links whose replacement carries: pkg/room/drain.go. */
import { type Draft, edit, type OpenLink } from "./draft";
import { carries, type KnownLink } from "./link";
import { current, lastHeard, type Member, memberOf, router, type State } from "./state";
import { drainFor, drainLeast } from "./times";

/** Lets go of links that are wanted no longer once neither side needs them. */
export function drain(d: Draft): void {
  d.drains = 0;
  const all = once(() => reachedAll(d));
  const free = once(() => !d.members.some((m) => m.links.some((l) => watched(m, l))));
  d.members.forEach((m, i) => {
    for (const l of m.links) {
      if (l.ease !== 0) {
        easeOff(d, i, l, all);
      }
      if (l.drain !== 0) {
        drainOne(d, i, l, done(d, d.members[i] ?? m, l, all, free));
      }
    }
  });
}

function done(d: Draft, m: Member, l: KnownLink, all: () => boolean, free: () => boolean): boolean {
  if (l.session !== m.is.session || l.shape === "mesh") {
    return reached(d, m);
  }
  if (l.shape === "sfu") {
    return all();
  }
  return free() && (memberOf(d, d.self)?.is.kind === "helper" || reached(d, m));
}

function drainOne(d: Draft, i: number, l: KnownLink, isDone: boolean): void {
  const m = d.members[i];
  if (m === undefined) {
    return;
  }
  const over = l.session !== m.is.session;
  const free = isDone && (over || !l.asked) && d.now >= l.drain + least(l);
  if (!l.up || d.now >= l.drain + drainFor || free) {
    const open = edit(d, i);
    if (open !== undefined) {
      open.links = open.links.filter((x) => x.session !== l.session || x.shape !== l.shape);
    }
    d.replaced = true;
    d.again = d.again || m.doubted !== 0;
    return;
  }
  if (l.quiet !== isDone) {
    const mine = edit(d, i)?.links.find((x) => x.session === l.session && x.shape === l.shape);
    if (mine !== undefined) {
      hush(mine, isDone);
    }
    d.replaced = true;
  }
  d.drains++;
}

/** Whether anything is asked for on a link; when that begins again, nothing is carried yet. */
export function hush(l: OpenLink, quiet: boolean): void {
  if (l.quiet && !quiet) {
    l.carrying = false;
  }
  l.quiet = quiet;
}

/** Ends what the standby's link still carries from its time as the SFU's, once everybody is there without it. */
function easeOff(d: Draft, i: number, l: KnownLink, all: () => boolean): void {
  if (l.up && !all() && d.now < l.ease + drainFor) {
    d.drains++;
    return;
  }
  const mine = edit(d, i)?.links.find((x) => x.session === l.session && x.shape === l.shape);
  if (mine !== undefined) {
    mine.ease = 0;
    hush(mine, true);
  }
  d.replaced = true;
}

/** How long a link drains at the least. */
export function least(l: KnownLink): number {
  return l.shape === "serve" ? drainLeast : 0;
}

function once(ask: () => boolean): () => boolean {
  let answer: boolean | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

/** Whether self has what a member sends by the arrangement, not by a link that drains. */
export function reached(state: State, m: Member): boolean {
  const via = router(state);
  if (via === "") {
    return carries(current(m, "mesh"));
  }
  if (via === state.self) {
    return carries(current(m, "serve"));
  }
  const served = carries(current(memberOf(state, via), "sfu"));
  return served && (via === m.is.id || lastHeard(state, m.is.id, via) >= state.sfuAt);
}

function reachedAll(d: Draft): boolean {
  return d.members.every((m) => m.is.id === d.self || m.is.kind === "helper" || reached(d, m));
}

/** A receiver of this former SFU, or standby, that still asks for something. */
function watched(m: Member, l: KnownLink): boolean {
  return l.shape === "serve" && l.up && l.asked && l.session === m.is.session;
}
