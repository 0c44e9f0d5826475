/**
 * Who is in the room and which links that takes: the shell around the room
 * core. Inputs are what the rendezvous and the links tell; what changed for
 * people comes out as events.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Participant } from "../protocol/codec";
import type { Topology } from "./connections";
import type { Party } from "./seal";

export type Change =
  | { readonly what: "joined" | "lost" | "left" | "removed"; readonly who: Participant }
  | { readonly what: "host"; readonly who: Participant };

export class Gathering {
  readonly #self: string;
  readonly #roster = signal<readonly Participant[]>([]);
  readonly #changed: (change: Change) => void;
  readonly #alive: (id: string) => boolean;
  /** Whom the rendezvous no longer has, but whose link may still live. */
  readonly #unconfirmed = new Set<string>();
  readonly actingHost: ReadonlySignal<string | undefined>;
  readonly topology: ReadonlySignal<Topology>;

  constructor(self: string, alive: (id: string) => boolean, changed: (change: Change) => void) {
    this.#self = self;
    this.#alive = alive;
    this.#changed = changed;
    this.actingHost = computed(() => actingHost(this.#roster.value));
    this.topology = signal<Topology>({ topology: "mesh", sfu: undefined, reason: "small-room" });
  }

  get roster(): ReadonlySignal<readonly Participant[]> {
    return this.#roster;
  }

  /** Everybody to whom a link should lead. */
  wanted(): readonly Party[] {
    return this.#roster.value.filter(({ id, kind }) => id !== this.#self && kind !== "helper");
  }

  has({ id, session }: Party): boolean {
    return this.#roster.value.some((each) => each.id === id && each.session === session);
  }

  welcome(roster: readonly Participant[], first: boolean): void {
    const before = this.#roster.value;
    const gone = before.filter((each) => !roster.some(({ id }) => id === each.id));
    this.#unconfirmed.clear();
    const kept = gone.filter(({ id }) => this.#alive(id));
    for (const { id } of kept) {
      this.#unconfirmed.add(id);
    }
    this.#set([...roster, ...kept]);
    if (!first) {
      for (const who of roster.filter(({ id }) => !before.some((each) => each.id === id))) {
        this.#changed({ what: "joined", who });
      }
      for (const who of gone.filter((each) => !kept.includes(each))) {
        this.#changed({ what: "lost", who });
      }
    }
  }

  joined(who: Participant): void {
    const was = this.#unconfirmed.delete(who.id);
    this.updated(who);
    if (!was) {
      this.#changed({ what: "joined", who });
    }
  }

  updated(who: Participant): void {
    this.#set([...this.#roster.value.filter(({ id }) => id !== who.id), who]);
  }

  left(id: string, why: "left" | "lost" | "removed" | "denied" | "ended"): void {
    const who = this.#roster.value.find((each) => each.id === id);
    if (who === undefined) {
      return;
    }
    if (why === "lost" && this.#alive(id)) {
      this.#unconfirmed.add(id);
      return;
    }
    this.#unconfirmed.delete(id);
    this.#set(this.#roster.value.filter((each) => each !== who));
    this.#changed({ what: why === "lost" || why === "removed" ? why : "left", who });
  }

  /** Looks again at whom only a link holds. */
  tick(): void {
    for (const id of this.#unconfirmed) {
      if (!this.#alive(id)) {
        this.left(id, "lost");
      }
    }
  }

  #set(roster: readonly Participant[]): void {
    const before = this.actingHost.peek();
    this.#roster.value = [...roster].sort((a, b) => a.n - b.n);
    const after = this.actingHost.peek();
    const who = this.#roster.value.find(({ id }) => id === after);
    if (before !== undefined && before !== after && who !== undefined) {
      this.#changed({ what: "host", who });
    }
  }
}

function actingHost(roster: readonly Participant[]): string | undefined {
  const standing = ({ role, via }: Participant) =>
    role === "host" ? 0 : role === "co-host" ? 1 : via === "invitation" ? 2 : 3;
  return [...roster]
    .filter(({ kind }) => kind !== "helper")
    .sort((a, b) => standing(a) - standing(b) || a.n - b.n)[0]?.id;
}
