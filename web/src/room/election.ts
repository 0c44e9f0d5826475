/** The acting host's choice of a topology, once it has stood for long enough: pkg/room/election.go. */
import { electorate, lost } from "./advert";
import type { Draft } from "./draft";
import { type Choice, type Current, choose, defaults, differs } from "./elect";
import { seekHelp, short } from "./help";
import { overloaded } from "./load";
import { say } from "./say";
import { type Member, memberOf, noWish, type State, type Wish } from "./state";
import { changeAfter, growAfter } from "./times";

/** Whether there is anything to choose, or anybody to call. */
export function reviews(state: State): boolean {
  return (
    state.arranged.topology === "star" ||
    state.force.directive?.topology === "star" ||
    state.members.length > state.meshMax ||
    state.members.some((m) => m.is.kind !== "browser")
  );
}

/** Says the election's choice when its time has come; whether it did. */
export function elect(d: Draft): boolean {
  if (!reviews(d) || overruled(d)) {
    d.wish = noWish;
    seekHelp(d, false);
    return false;
  }
  const x = d.force.directive;
  const star = x?.topology === "star";
  const current: Current = star
    ? { topology: "star", sfu: x.sfu ?? "", standby: x.standby ?? "" }
    : { topology: "mesh" };
  // In a mesh what is wished for counts as the holder, so that two of nearly
  // the same strength do not keep the room from ever growing.
  const { choice: wished } = d.wish;
  const before: Current = star
    ? current
    : { topology: "mesh", sfu: wished?.sfu ?? "", standby: wished?.standby ?? "" };
  const choice = choose({
    members: electorate(d),
    current: before,
    thresholds: defaults(d.meshMax),
  });
  seekHelp(d, short(d, choice));
  if (!differs(choice, current)) {
    d.wish = noWish;
    return false;
  }
  d.wish = { choice, since: same(d.wish, choice) ? d.wish.since : d.now };
  if (d.now < d.wish.since + patience(d, current, choice)) {
    return false;
  }
  const parties = {
    ...(choice.sfu === "" ? {} : { sfu: choice.sfu }),
    ...(choice.standby === "" ? {} : { standby: choice.standby }),
  };
  const { topology, reason, figures } = choice;
  return say(d, { topology, ...parties, reason }, figures);
}

function same(wish: Wish, choice: Choice): boolean {
  const { choice: before } = wish;
  return (
    wish.since !== 0 &&
    before?.topology === choice.topology &&
    before.sfu === choice.sfu &&
    before.standby === choice.standby
  );
}

/** Whether the host's own choice stands in the election's place: until its SFU is gone, however well that one carries. */
function overruled(d: Draft): boolean {
  const x = d.force.directive;
  return x?.manual === true && (x.topology !== "star" || within(d, x.sfu ?? "") !== undefined);
}

/** Somebody who is here and in reach. */
function within(d: Draft, id: string): Member | undefined {
  const m = memberOf(d, id);
  return m === undefined || lost(d, m) ? undefined : m;
}

function usable(d: Draft, id: string): boolean {
  const m = within(d, id);
  return m !== undefined && !overloaded(d, m);
}

/** How long a choice must have been right. Who lost its SFU has waited already. */
function patience(d: Draft, current: Current, choice: Choice): number {
  if (current.topology !== "star") {
    return growAfter;
  }
  if (!usable(d, current.sfu ?? "")) {
    // While the standby serves nobody waits; links of a mesh would be new.
    return choice.topology === "mesh" && usable(d, current.standby ?? "") ? changeAfter : 0;
  }
  const standbyGone = choice.sfu === current.sfu && !usable(d, current.standby ?? "");
  return choice.topology === "star" && standbyGone ? growAfter : changeAfter;
}
