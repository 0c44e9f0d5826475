/** What is said, by whom, and what of it is in force: pkg/room/directive.go. */
import { type Directive, maxInt } from "../protocol/messages.gen";
import type { Draft } from "./draft";
import type { Held, Refused } from "./outcome";
import { shower } from "./roster";
import { type Force, memberOf, order } from "./state";
import { linked, presiding } from "./succession";
import {
  holdFor,
  learnFor,
  maxHeld,
  maxTermJump,
  nextInLine,
  repeatMost,
  showEvery,
  takeChairAfter,
} from "./times";

/** Orders directives by (term, seq). */
function compare(a: Directive | undefined, b: Directive | undefined): number {
  return (a?.term ?? 0) - (b?.term ?? 0) || (a?.seq ?? 0) - (b?.seq ?? 0);
}

export function said(d: Draft, from: string, x: Directive): Refused | undefined {
  const impossible = unhearable(d, from, x);
  if (impossible !== undefined) {
    return impossible;
  }
  if (contests(d, from, x)) {
    d.top = Math.max(d.top, x.term);
    d.waits = "contested";
    repeatSoon(d);
    return undefined;
  }
  const refused = memberOf(d, from) === undefined ? ("stranger" as const) : superseded(d, from, x);
  if (refused !== undefined) {
    if (refused === "stale" && from === d.chair && from !== d.self && near(d, from)) {
      d.actions.push({ type: "show", to: from });
    }
    return refused;
  }
  if (!heeds(d, from)) {
    return hold(d, from, x, "not-chair-yet");
  }
  if (!knows(d, x)) {
    return hold(d, from, x, "sfu-not-yet");
  }
  if (!canServe(d, x)) {
    return "candidate";
  }
  follow(d, from, x);
  return undefined;
}

/** What nobody in this room can have meant. */
function unhearable(d: Draft, from: string, x: Directive): Refused | undefined {
  if (d.phase !== "inside") {
    return "outside";
  }
  if (!wellFormed(x)) {
    return "malformed";
  }
  if (memberOf(d, from)?.is.kind === "helper") {
    return "helper";
  }
  return x.term > d.top + maxTermJump ? "term-jump" : undefined;
}

export function wellFormed(x: Directive): boolean {
  const counted = [x.term, x.seq].every((n) => Number.isInteger(n) && n >= 1 && n <= maxInt);
  const sfu = x.sfu ?? "";
  const standby = x.standby ?? "";
  if (x.topology === "mesh") {
    return counted && sfu === "" && standby === "";
  }
  return counted && x.topology === "star" && sfu !== "" && sfu !== standby;
}

/** What is not higher than what is in force. Within one term only its own author goes on. */
function superseded(d: Draft, from: string, x: Directive): Refused | undefined {
  const now = d.force.directive;
  if (now === undefined) {
    return undefined;
  }
  if (from === d.force.by && same(x, now)) {
    return "known";
  }
  return compare(x, now) <= 0 || (x.term === now.term && from !== d.force.by) ? "stale" : undefined;
}

function same(a: Directive, b: Directive): boolean {
  return (
    compare(a, b) === 0 &&
    a.topology === b.topology &&
    (a.sfu ?? "") === (b.sfu ?? "") &&
    (a.standby ?? "") === (b.standby ?? "") &&
    (a.manual ?? false) === (b.manual ?? false) &&
    a.reason === b.reason
  );
}

/**
 * Whether somebody who does not have the chair, or is not even here any more,
 * spoke in the term of self in the chair or in a later one: others may follow
 * that and refuse self.
 */
function contests(d: Draft, from: string, x: Directive): boolean {
  if (d.chair !== d.self || from === d.self || d.tenure.repeatAt !== 0 || learning(d)) {
    return false;
  }
  const { term } = d.tenure;
  if (memberOf(d, from) === undefined) {
    return x.term > d.top || (x.term === d.top && term <= d.top);
  }
  return term !== 0 && x.term === term;
}

/**
 * Whether self, new here, may still be told what is in force: by those who were
 * here before. Who came later knows no more than self, so a host that opens its
 * room has nothing to wait for. After a restart of the rendezvous those before
 * may come after, and are told by their session numbers.
 */
export const learning = (d: Draft): boolean =>
  d.force.by === "" &&
  d.now < d.enteredAt + learnFor &&
  d.members.some((m) => m.is.session < d.session);

/** Whether self would have the chair if its holder and so many after it were gone. They take turns, as one may know nothing itself. */
function inLine(d: Draft, after: number): boolean {
  const except = [d.chair];
  for (let i = 0; i < after; i++) {
    except.push(presiding(d, ...except));
  }
  return presiding(d, ...except) === d.self;
}

/** Tells what is in force to those who may have missed it, whatever happened on the way. */
export function showAgain(d: Draft): void {
  if (d.showAt === 0 || d.now < d.showAt) {
    return;
  }
  d.showAt = d.now + showEvery;
  d.shows++;
  if (d.chair === d.self) {
    d.actions.push({ type: "show", to: "" });
  } else if (d.chair !== "" && (d.force.by !== d.chair || inLine(d, d.shows % nextInLine))) {
    d.actions.push({ type: "show", to: d.chair });
  }
}

/** Whether self follows `from`: the acting host, or for one new in the chair who had it before. */
function heeds(d: Draft, from: string): boolean {
  return (
    from === d.chair || (d.chair === d.self && d.force.by === "" && from === presiding(d, d.self))
  );
}

function knows(d: Draft, x: Directive): boolean {
  // One in the chair does not wait: it will say what is right itself.
  return (x.sfu ?? "") === "" || memberOf(d, x.sfu ?? "") !== undefined || d.chair === d.self;
}

function canServe(d: Draft, x: Directive): boolean {
  return [x.sfu ?? "", x.standby ?? ""].every((id) => memberOf(d, id)?.is.kind !== "browser");
}

function near(d: Draft, id: string): boolean {
  return shower(d, id) || linked(memberOf(d, id));
}

/** Puts a directive in force. */
export function follow(d: Draft, by: string, x: Directive): void {
  d.force = { by, directive: x, at: d.now };
  d.showAt = d.now + showEvery;
  d.top = Math.max(d.top, x.term);
  d.notices.push({ type: "followed", by, directive: x });
  if (d.chair === d.self) {
    // Said by who had the chair before, or by self in an earlier session: from
    // here it goes on under a term of this session's own.
    d.tenure = { term: 0, seq: 0, repeatAt: d.now + takeChairAfter, repeats: d.tenure.repeats };
  }
}

/** Keeps a directive until the roster agrees with it, one for each author. */
function hold(d: Draft, by: string, x: Directive, why: Held): Refused | undefined {
  const before = d.held.find((f) => f.by === by);
  if (before !== undefined && compare(x, before.directive) <= 0) {
    return "known";
  }
  if (before === undefined && d.held.length >= maxHeld) {
    return "overloaded";
  }
  d.held = [...d.held.filter((f) => f !== before), { by, directive: x, at: d.now }].sort(
    (a, b) => compare(a.directive, b.directive) || order(a.by, b.by),
  );
  d.top = Math.max(d.top, x.term);
  d.waits = why;
  if (d.chair === d.self && why === "not-chair-yet") {
    repeatSoon(d);
  }
  return undefined;
}

/** Says what is in force again under a higher term; the wait doubles, or two who both believe to have the chair would go on for ever. */
function repeatSoon(d: Draft): void {
  if (d.tenure.repeatAt !== 0) {
    return;
  }
  const { repeats } = d.tenure;
  const wait = Math.min(takeChairAfter * 2 ** Math.min(repeats, 16), repeatMost);
  d.tenure = { term: 0, seq: 0, repeatAt: d.now + wait, repeats: repeats + 1 };
}

/** Follows what the roster now agrees with, lowest first, and forgets what is out of date. */
export function reconsiderHeld(d: Draft): void {
  const kept: Force[] = [];
  for (const f of d.held) {
    const x = f.directive;
    const over =
      x === undefined ||
      d.now >= f.at + holdFor ||
      memberOf(d, f.by) === undefined ||
      superseded(d, f.by, x) !== undefined;
    if (over) {
      continue;
    }
    if (!(heeds(d, f.by) && knows(d, x))) {
      kept.push(f);
    } else if (canServe(d, x)) {
      follow(d, f.by, x);
    }
  }
  d.held = kept;
}
