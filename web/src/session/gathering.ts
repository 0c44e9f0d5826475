/**
 * The shell around the room's core: feeds it what the rendezvous and the links
 * tell, keeps its deadlines, and hands on its plan, its actions and its
 * notices. Who is in the room, who has the chair and which links that takes is
 * decided there alone.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { sameVitals, unborn, type Vitals } from "../link/vitals";
import type { Directive, Participant } from "../protocol/codec";
import { deadline } from "../room/deadline";
import type { Event } from "../room/input";
import type { PlannedLink, Ref } from "../room/link";
import type { Action, Notice } from "../room/outcome";
import { plan, step } from "../room/room";
import { create, people, router, type State } from "../room/state";
import { candidatesOf } from "./candidates";
import type { Topology } from "./connections";
import type { Party } from "./gate";
import { sameList, steady } from "./steady";

export interface GatheringOptions {
  readonly self: string;
  /** The links that there should be have changed. */
  readonly planned: (plan: readonly PlannedLink[]) => void;
  /** Sign and send to everybody. */
  readonly say: (directive: Directive) => void;
  /** Send what is in force to somebody, or to everybody. */
  readonly show: (to: string | undefined) => void;
  /** Ask the rendezvous for helpers. */
  readonly callHelper: () => void;
  /** `who` is whom it is about, as far as it was known. */
  readonly notice: (notice: Notice, who: Participant | undefined) => void;
}

export class Gathering {
  readonly #options: GatheringOptions;
  readonly #state;
  readonly #vitals = new Map<string, Vitals>();
  /** What happens while a step's consequences are drawn waits for its turn. */
  readonly #queue: Event[] = [];
  #stepping = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly roster: ReadonlySignal<readonly Participant[]>;
  /** Who is in the room, by identity; another set only when somebody came or went. */
  readonly inside: ReadonlySignal<ReadonlySet<string>>;
  readonly chair: ReadonlySignal<string | undefined>;
  readonly topology: ReadonlySignal<Topology>;
  /** The links that there should be with whom the rendezvous has; another list only when one differs. */
  readonly wanted: ReadonlySignal<readonly PlannedLink[]>;

  constructor(options: GatheringOptions) {
    this.#options = options;
    this.#state = signal<State>(create(options.self));
    this.roster = computed(() => people(this.#state.value).map(({ participant }) => participant));
    this.inside = steady(
      () => new Set(this.#state.value.members.map(({ is }) => is.id)),
      (a, b) => a.size === b.size && [...a].every((id) => b.has(id)),
    );
    this.wanted = steady(() => {
      const state = this.#state.value;
      const known = people(state).filter(({ confirmed }) => confirmed);
      const ids = new Set(known.map(({ participant }) => participant.id));
      return plan(state).filter(({ peer }) => ids.has(peer));
    }, sameList(Object.is));
    this.chair = computed(() => this.#state.value.chair || undefined);
    this.topology = computed(() => {
      const { arranged, force } = this.#state.value;
      return {
        topology: arranged.topology,
        sfu: router(this.#state.value) || undefined,
        standby: arranged.standby || undefined,
        reason: force.directive?.reason ?? "small-room",
        manual: force.directive?.manual === true,
        candidates: candidatesOf(this.#state.value),
      };
    });
  }

  /** Whether this very session of somebody is in the room. */
  has({ id, session }: Party): boolean {
    return this.roster.peek().some((each) => each.id === id && each.session === session);
  }

  hasPerson(id: string): boolean {
    return this.roster.peek().some((each) => each.id === id);
  }

  /** Everybody but this participant and helpers. */
  others(): readonly string[] {
    return this.roster
      .peek()
      .filter(({ id, kind }) => id !== this.#options.self && kind !== "helper")
      .map(({ id }) => id);
  }

  /** Everybody but this participant. */
  everybody(): readonly string[] {
    const { self } = this.#options;
    return this.roster.peek().flatMap(({ id }) => (id === self ? [] : [id]));
  }

  /** The links that there should be. */
  get plan(): readonly PlannedLink[] {
    return plan(this.#state.peek());
  }

  /** The directive in force and who said it. */
  get force(): State["force"] {
    return this.#state.peek().force;
  }

  happened(event: Event): void {
    this.#queue.push(event);
    if (this.#stepping) {
      return;
    }
    this.#stepping = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#step(next);
    }
    this.#stepping = false;
    this.#wind();
  }

  /** How a link of the plan is; undefined when it is no more. */
  linked({ peer, session, shape }: Ref, vitals: Vitals = unborn): void {
    const link = { peer, session, shape };
    const name = `${peer}/${session}/${shape}`;
    const before = this.#vitals.get(name) ?? unborn;
    if (sameVitals(before, vitals)) {
      return;
    }
    vitals === unborn ? this.#vitals.delete(name) : this.#vitals.set(name, vitals);
    const wasUp = before.up && vitals.up;
    if (before.up !== vitals.up) {
      this.happened({ type: vitals.up ? "link-up" : "link-down", link });
    }
    if (vitals.up && vitals.carrying && !(wasUp && before.carrying)) {
      this.happened({ type: "link-carrying", link });
    }
    // A link that just came up counts as asked.
    if (vitals.up && vitals.asked !== (wasUp ? before.asked : true)) {
      this.happened({ type: "link-asked", link, asked: vitals.asked });
    }
    if (vitals.up && vitals.rttMillis !== undefined && vitals.rttMillis !== before.rttMillis) {
      this.happened({ type: "link-measured", link, millis: vitals.rttMillis });
    }
  }

  end(): void {
    this.happened({ type: "ended" });
    clearTimeout(this.#timer);
  }

  #step(event: Event): void {
    const { self } = this.#options;
    const before = this.#state.peek();
    const input = { at: clock(), event };
    let stepped = step(before, input);
    if (
      event.type === "welcome" &&
      event.self.id === self &&
      stepped.outcome.refused === "not-self"
    ) {
      // The rendezvous gave another session: everything begins anew.
      this.#options.planned([]);
      stepped = step(create(self), input);
    }
    const { state, outcome } = stepped;
    this.#state.value = state;
    if (plan(state) !== plan(before)) {
      this.#options.planned(plan(state));
    }
    for (const action of outcome.actions) {
      this.#act(action);
    }
    for (const notice of outcome.notices) {
      this.#options.notice(notice, find(state, notice) ?? find(before, notice));
    }
  }

  #act(action: Action): void {
    switch (action.type) {
      case "say":
        this.#options.say(action.directive);
        break;
      case "show":
        this.#options.show(action.to || undefined);
        break;
      case "call-helper":
        this.#options.callHelper();
        break;
    }
  }

  #wind(): void {
    clearTimeout(this.#timer);
    const at = deadline(this.#state.peek());
    if (at !== undefined) {
      const wait = Math.max(0, at - clock());
      this.#timer = setTimeout(() => this.happened({ type: "clock" }), wait);
    }
  }
}

/** Whole milliseconds from 1; it never runs backwards, as a wall clock does. */
const clock = (): number => Math.floor(performance.now()) + 1;

function find(state: State, notice: Notice): Participant | undefined {
  const id = idOf(notice);
  return state.members.find((member) => member.is.id === id)?.is;
}

function idOf(notice: Notice): string {
  switch (notice.type) {
    case "chair-moved":
      return notice.to;
    case "followed":
      return notice.directive.sfu ?? "";
    case "switched":
      return notice.sfu;
    default:
      return notice.id;
  }
}
