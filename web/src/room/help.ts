/** Calling for helpers: pkg/room/help.go. */
import type { Draft } from "./draft";
import type { Choice } from "./elect";
import { overloaded } from "./load";
import { memberOf } from "./state";
import { callLeast, callMost, growAfter } from "./times";

/** Whether the room lacks somebody to serve it, or to stand by. */
export function short(d: Draft, choice: Choice): boolean {
  const sfu = memberOf(d, choice.sfu);
  const alone = sfu?.is.kind === "helper" && choice.standby === "";
  return choice.reason === "no-candidate" || alone || (sfu !== undefined && overloaded(d, sfu));
}

/** Calls for helpers while the room is short of them, less and less often. */
export function seekHelp(d: Draft, isShort: boolean): void {
  const { at } = d.call;
  if (!isShort) {
    d.call = { ...d.call, since: 0 };
    return;
  }
  if (d.call.since === 0) {
    d.call = { since: d.now, at, count: d.now >= at + callMost ? 0 : d.call.count };
  }
  const { since, count } = d.call;
  if (d.now < since + growAfter || d.now < at) {
    return;
  }
  const wait = Math.min(callLeast * 2 ** Math.min(count, 16), callMost);
  d.call = { since, at: d.now + wait, count: count + 1 };
  d.actions.push({ type: "call-helper" });
}
