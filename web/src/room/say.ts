/** Putting directives of one's own in force: pkg/room/say.go. */
import { type Directive, maxInt } from "../protocol/messages.gen";
import { follow, wellFormed } from "./directive";
import type { Draft } from "./draft";
import type { Figures } from "./elect";
import type { Event } from "./input";
import type { Refused } from "./outcome";
import { memberOf, noWish } from "./state";
import { seqsPerTerm } from "./times";

const noFigures: Figures = {
  members: 0,
  mesh_max: 0,
  receivers: 0,
  need_kbps: 0,
  have_kbps: 0,
  rtt_millis: 0,
  score: 0,
  against: 0,
};

/** A directive without its place in the order, which `say` gives it. */
type Saying = Omit<Directive, "term" | "seq">;

/** Puts a directive of self's own in force and has it sent. The first one of a tenure begins a new term. */
export function say(d: Draft, saying: Saying, figures: Figures = noFigures): boolean {
  let term = d.tenure.term;
  let seq = d.tenure.seq + 1;
  if (term === 0 || seq >= (d.session + 1) * seqsPerTerm) {
    term = d.top + 1;
    seq = d.session * seqsPerTerm;
  }
  if (term > maxInt || d.session >= Math.floor(maxInt / seqsPerTerm)) {
    d.tenure = { ...d.tenure, repeatAt: 0 };
    return false;
  }
  const directive: Directive = { ...saying, term, seq };
  const { repeats } = d.tenure;
  follow(d, d.self, directive);
  d.tenure = { term, seq, repeatAt: 0, repeats };
  d.wish = noWish;
  d.actions.push({ type: "say", directive, figures });
  return true;
}

/** Says what is in force again. */
export function repeat(d: Draft): boolean {
  const x: Saying = d.force.directive ?? { topology: "mesh", reason: "" };
  return say(d, { ...x, reason: "new-chair" });
}

/** The acting host's own choice. */
export function chooseByHand(
  d: Draft,
  e: Extract<Event, { readonly type: "choose" }>,
): Refused | undefined {
  if (d.phase !== "inside") {
    return "outside";
  }
  if (d.chair !== d.self) {
    return "not-chair";
  }
  const saying = e.topology === undefined ? givenBack(d) : byHand(d, e);
  if (typeof saying === "string") {
    return saying;
  }
  return say(d, saying) ? undefined : "term-jump";
}

function givenBack(d: Draft): Saying | Refused {
  const x = d.force.directive;
  if (x?.manual !== true) {
    return "known";
  }
  const { manual: _, ...rest } = x;
  return { ...rest, reason: "automatic" };
}

function byHand(d: Draft, e: Extract<Event, { readonly type: "choose" }>): Saying | Refused {
  const saying: Saying = {
    topology: e.topology ?? "mesh",
    ...((e.sfu ?? "") === "" ? {} : { sfu: e.sfu ?? "" }),
    ...((e.standby ?? "") === "" ? {} : { standby: e.standby ?? "" }),
    manual: true,
    reason: "manual",
  };
  if (!wellFormed({ ...saying, term: 1, seq: 1 })) {
    return "malformed";
  }
  const parties = [saying.sfu ?? "", saying.standby ?? ""].filter((id) => id !== "");
  return parties.every((id) => offersItself(d, id)) ? saying : "candidate";
}

function offersItself(d: Draft, id: string): boolean {
  const m = memberOf(d, id);
  return m !== undefined && m.is.kind !== "browser" && (m.advertAt === 0 || m.capacity.willing);
}
