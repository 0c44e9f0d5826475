/** What the directive in force comes to, and the standby's takeover: pkg/room/arrange.go. */
import type { Draft } from "./draft";
import { type Arrangement, memberOf, router } from "./state";
import { linkTo } from "./succession";
import { connectFor, returnAfter } from "./times";

const mesh: Arrangement = { topology: "mesh", sfu: "", standby: "" };

function arrangement(d: Draft): Arrangement {
  const x = d.force.directive;
  if (x?.topology !== "star") {
    return mesh;
  }
  const here = (id: string) => (memberOf(d, id) === undefined ? "" : id);
  const standby = here(x.standby ?? "");
  const sfu = here(x.sfu ?? "");
  if (sfu !== "") {
    return { topology: "star", sfu, standby };
  }
  return standby === "" ? mesh : { topology: "star", sfu: standby, standby: "" };
}

export function arrange(d: Draft): void {
  const a = arrangement(d);
  const was = d.arranged;
  if (a.topology === was.topology && a.sfu === was.sfu && a.standby === was.standby) {
    return;
  }
  if (a.topology !== was.topology || a.sfu !== was.sfu) {
    d.sfuAt = d.now;
    d.takenOver = false;
  }
  const x = d.force.directive;
  if (a.sfu !== was.sfu && a.sfu === (x?.standby ?? "") && (x?.sfu ?? "") !== a.sfu) {
    d.notices.push({ type: "switched", sfu: a.sfu, taken_over: true });
  }
  d.arranged = a;
  d.replan = true;
}

/** Moves self to the standby as soon as the SFU's heart stops, and back when it has beaten for a while. */
export function takeOver(d: Draft): void {
  const moved = shouldMove(d);
  if (moved === d.takenOver) {
    return;
  }
  d.takenOver = moved;
  d.replan = true;
  d.notices.push({ type: "switched", sfu: router(d), taken_over: moved });
}

function shouldMove(d: Draft): boolean {
  const { sfu, standby } = d.arranged;
  if (standby === "" || sfu === d.self) {
    return false;
  }
  const link = linkTo(d, sfu);
  if (link === undefined) {
    return false;
  }
  const ready = standby === d.self || linkTo(d, standby)?.up === true;
  if (!d.takenOver) {
    return ready && !link.up && (link.ever || d.now >= link.since + connectFor);
  }
  return link.up ? ready && d.now < link.since + returnAfter : true;
}
