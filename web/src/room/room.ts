/**
 * The room as a pure value: inputs go in, a state, a plan and what to do come
 * out. The twin of pkg/room, whose doc.go tells the contract; both replay
 * pkg/room/testdata/traces.
 *
 *     let state = create(self);
 *     const next = step(state, { at, event });
 *     state = next.state;
 *     // do next.outcome.actions; make the links match plan(state);
 *     // step with { type: "clock" } at deadline(state)
 */
import { maxInt } from "../protocol/messages.gen";
import { advert } from "./advert";
import { arrange, takeOver } from "./arrange";
import { preside } from "./chair";
import { reconsiderHeld, said, showAgain } from "./directive";
import { close, type Draft, open } from "./draft";
import type { Event, Input } from "./input";
import type { PlannedLink } from "./link";
import { heard, linkAsked, linkCarrying, linkDown, linkMeasured, linkUp } from "./links";
import type { Outcome, Refused } from "./outcome";
import { reconcile } from "./plan";
import { joined, left, policy, updated, welcome } from "./roster";
import { chooseByHand } from "./say";
import { seat } from "./seat";
import { noCall, noTenure, noWish, type State } from "./state";
import { expireDoubts } from "./succession";
import { drainFor } from "./times";

/** Takes one input. A refused one returns the very state that came in. */
export function step(
  state: State,
  input: Input,
): { readonly state: State; readonly outcome: Outcome } {
  const refuse = (refused: Refused) => ({ state, outcome: { refused, notices: [], actions: [] } });
  if (!Number.isInteger(input.at) || input.at < 1 || input.at > maxInt - drainFor) {
    return refuse("clock");
  }
  if (state.phase === "ended") {
    return refuse("ended");
  }
  const d = open(state, input.at);
  const refused = apply(d, input.event);
  if (refused !== undefined) {
    return { state, outcome: { refused, notices: [], actions: d.actions } };
  }
  settle(d);
  const { notices, actions, waits } = d;
  return {
    state: close(d),
    outcome: { ...(waits === undefined ? {} : { held: waits }), notices, actions },
  };
}

/** The links that self should have, ordered by peer, session and shape; the same array while nothing in it differs. */
export function plan(state: State): readonly PlannedLink[] {
  return state.plan;
}

function apply(d: Draft, e: Event): Refused | undefined {
  switch (e.type) {
    case "welcome":
      return welcome(d, e);
    case "joined":
      return joined(d, e.participant);
    case "left":
      return left(d, e);
    case "updated":
      return updated(d, e.participant);
    case "policy":
      return policy(d, e.policy);
    case "said":
      return said(d, e.from, e.directive);
    case "advert":
      return advert(d, e.from, e.capacity);
    case "heard":
      return heard(d, e.via, e.peers);
    case "choose":
      return chooseByHand(d, e);
    case "ended":
      return end(d);
    case "clock":
      return undefined;
    default:
      return onLink(d, e);
  }
}

function onLink(d: Draft, e: Extract<Event, { readonly link: unknown }>): Refused | undefined {
  switch (e.type) {
    case "link-up":
      return linkUp(d, e.link);
    case "link-carrying":
      return linkCarrying(d, e.link);
    case "link-down":
      return linkDown(d, e.link);
    case "link-asked":
      return linkAsked(d, e.link, e.asked);
    case "link-measured":
      return linkMeasured(d, e.link, e.millis);
    default:
      return unknown(e);
  }
}

function unknown(_: never): Refused {
  return "unknown-event";
}

/** Draws every conclusion from what the event changed and from the time. */
function settle(d: Draft): void {
  if (d.phase !== "inside") {
    return;
  }
  for (let pass = 0; pass < 3; pass++) {
    d.again = false;
    expireDoubts(d);
    seat(d);
    reconsiderHeld(d);
    arrange(d);
    takeOver(d);
    if (preside(d)) {
      arrange(d);
      takeOver(d);
    }
    reconcile(d);
    if (!d.again) {
      break;
    }
  }
  showAgain(d);
}

function end(d: Draft): undefined {
  d.phase = "ended";
  d.members = [];
  d.plan = [];
  d.held = [];
  d.heard = [];
  d.chair = "";
  d.tenure = noTenure;
  d.wish = noWish;
  d.lossSince = 0;
  d.call = noCall;
  d.drains = 0;
}
