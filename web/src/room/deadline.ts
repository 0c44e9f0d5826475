/** When a room must be looked at again: pkg/room/deadline.go. */
import { maxInt } from "../protocol/messages.gen";
import { least } from "./drain";
import { reviews } from "./election";
import type { State } from "./state";
import { doubtEnds, linkTo } from "./succession";
import {
  connectFor,
  doubtFor,
  drainFor,
  holdFor,
  learnFor,
  returnAfter,
  reviewEvery,
} from "./times";

/** When to step with `clock` at the latest; undefined when only an event can change anything. */
export function deadline(state: State): number | undefined {
  if (state.phase !== "inside") {
    return undefined;
  }
  const next = [...ofMembers(state), ...ofTakeover(state), ...ofChair(state)]
    .concat(state.showAt, ...state.held.map((f) => f.at + holdFor))
    .filter((t) => t > state.now && t < maxInt)
    .reduce((a, b) => Math.min(a, b), maxInt);
  return next === maxInt ? undefined : next;
}

function ofMembers(state: State): number[] {
  return state.members.flatMap((m) => [
    ...(m.doubted === 0 ? [] : [doubtEnds(state, m)]),
    ...(m.doubted === 0 || m.is.id !== state.chair ? [] : [m.doubted + doubtFor]),
    ...m.links.filter((l) => l.ease !== 0).map((l) => l.ease + drainFor),
    ...m.links
      .filter((l) => l.drain !== 0)
      .flatMap((l) => [l.drain + least(l), l.drain + drainFor]),
  ]);
}

function ofTakeover(state: State): number[] {
  const link = linkTo(state, state.arranged.sfu);
  if (state.arranged.standby === "" || state.arranged.sfu === state.self || link === undefined) {
    return [];
  }
  return [link.since + connectFor, ...(state.takenOver ? [link.since + returnAfter] : [])];
}

function ofChair(state: State): number[] {
  if (state.chair !== state.self) {
    return state.untold ? [state.enteredAt + learnFor] : [];
  }
  return [
    state.enteredAt + learnFor,
    state.tenure.repeatAt,
    ...(reviews(state) ? [state.now + reviewEvery] : []),
  ];
}
