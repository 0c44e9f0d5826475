/** The state under way in one step: pkg/room/step.go. Nothing it shares with the state before is written to. */
import type { KnownLink } from "./link";
import type { Action, Held, Notice } from "./outcome";
import type { Member, State } from "./state";

type Open<T> = { -readonly [K in keyof T]: T[K] };

export type OpenLink = Open<KnownLink>;
export type OpenMember = Omit<Open<Member>, "links"> & { links: OpenLink[] };

export interface Draft extends Open<State> {
  members: Member[];
  waits: Held | undefined;
  readonly notices: Notice[];
  readonly actions: Action[];
  readonly edited: Map<Member, OpenMember>;
  /** Succession must look at everybody … */
  reseat: boolean;
  /** … or at these and who has the chair. */
  readonly comers: string[];
  /** What is wanted may differ. */
  replan: boolean;
  /** The plan's lines may differ. */
  replaced: boolean;
  /** Somebody in doubt lost a link to the plan. */
  again: boolean;
}

export function open(state: State, at: number): Draft {
  return {
    ...state,
    now: Math.max(state.now, at),
    members: [...state.members],
    waits: undefined,
    notices: [],
    actions: [],
    edited: new Map(),
    reseat: false,
    comers: [],
    replan: false,
    replaced: false,
    again: false,
  };
}

/** The member at `i`, for change. */
export function edit(d: Draft, i: number): OpenMember | undefined {
  const m = d.members[i];
  if (m === undefined) {
    return undefined;
  }
  const mine = d.edited.get(m);
  if (mine !== undefined) {
    return mine;
  }
  const copy: OpenMember = { ...m, links: m.links.map((l) => ({ ...l })) };
  d.edited.set(copy, copy);
  d.members[i] = copy;
  return copy;
}

export function close(d: Draft): State {
  const {
    waits: _waits,
    notices: _notices,
    actions: _actions,
    edited: _edited,
    reseat: _reseat,
    comers: _comers,
    replan: _replan,
    replaced: _replaced,
    again: _again,
    ...state
  } = d;
  return state;
}
