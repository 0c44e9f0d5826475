/** Makes the links that exist match the plan. Owns every Link of a room. */
import { effect, signal, untracked } from "@preact/signals-core";
import { Link } from "../link/link";
import type { Tracks } from "../link/outgoing";
import type { Seals } from "../link/seals";
import { sources } from "../link/shape";
import type { Vitals } from "../link/vitals";
import type { Wire } from "../link/wire";
import type { ControlMessage, LinkSignal, View } from "../protocol/codec";
import type { PlannedLink, Ref } from "../room/link";
import { backoff } from "./backoff";
import { type Carrier, covers } from "./carried";
import type { Party } from "./gate";
import { chance, randomName } from "./random";

export interface LinksOptions {
  readonly self: () => Party;
  readonly iceServers: () => readonly RTCIceServer[];
  readonly tracks: () => Tracks;
  readonly level: () => number;
  /** Everything that is sent is sealed, everything that comes is opened, by these. */
  readonly seals: Seals;
  /** Made before there was a plan, for the first link that it offers. */
  readonly warm: Wire | undefined;
  /** Tells the other end of a link, sealed and in order; resolves when it is on its way. */
  readonly signal: (to: Party, message: LinkSignal) => Promise<void>;
  /** Whether a session is in the room: who is not gets no link. */
  readonly knows: (party: Party) => boolean;
  readonly opened: (link: Link) => void;
  readonly control: (link: Link, message: ControlMessage) => void;
  /** How a link of the plan is; undefined when it is no more. */
  readonly vitals: (ref: Ref, vitals: Vitals | undefined) => void;
  /** The links to those who serve and stand by. */
  readonly served: (links: readonly Link[]) => void;
}

/** What is shown, for each peer of a mesh and for an SFU. */
export interface Views {
  readonly mesh: ReadonlyMap<string, readonly View[]>;
  readonly star: readonly View[];
}

/** A link of the plan and what belongs to it. */
interface Tie {
  readonly line: PlannedLink;
  readonly link: Link;
  readonly unwatch: () => void;
}

export class Links {
  readonly #options: LinksOptions;
  /** Those whose first offer is not on its way yet. */
  readonly #offering = signal<ReadonlySet<Link>>(new Set());
  readonly #ties = signal<ReadonlyMap<string, Tie>>(new Map());
  #plan: ReadonlyMap<string, PlannedLink> = new Map();
  #views: Views | undefined;
  #warm: Wire | undefined;
  /** Links that failed since the last one that opened, and the pause before the next. */
  readonly #failures = new Map<string, number>();
  readonly #pauses = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(options: LinksOptions) {
    this.#options = options;
    this.#warm = options.warm;
  }

  all(): readonly Link[] {
    return [...this.#ties.value.values()].map(({ link }) => link);
  }

  /** Some of them are not offered yet. */
  get offering(): boolean {
    return this.#offering.value.size > 0;
  }

  /** What each link brings. */
  carriers(): readonly Carrier[] {
    return [...this.#ties.value.values()].map(carrierOf);
  }

  /** Whether the link of a line of the plan is there and works. */
  up(line: Ref): boolean {
    return this.#ties.value.get(nameOf(line))?.link.vitals.value.up === true;
  }

  /** The link to who has, or would take, everybody's media: undefined in a mesh. */
  serving(purpose: "sfu" | "standby"): Link | undefined {
    const ties = [...this.#ties.value.values()];
    return ties.find(({ line }) => line.purpose === purpose && !line.draining)?.link;
  }

  /** Whether a link brings all of somebody that any other one brings. */
  covered(link: Link, somebody: string): boolean {
    const ties = [...this.#ties.value.values()];
    const mine = ties.find((tie) => tie.link === link);
    const others = ties.filter((tie) => tie !== mine && tie.link.vitals.value.up);
    return (
      mine !== undefined &&
      others.every((tie) =>
        covers(link.flows.value, tie.link.flows.value, somebody, audioSlots(mine.line)),
      )
    );
  }

  /** The link to somebody's present session. */
  to(peer: string): Link | undefined {
    const ties = [...this.#ties.value.values()].filter(({ line }) => line.peer === peer);
    return (ties.find(({ line }) => !line.draining) ?? ties[0])?.link;
  }

  follow(plan: readonly PlannedLink[]): void {
    this.#plan = new Map(plan.map((line) => [nameOf(line), line]));
    for (const [name, tie] of this.#ties.peek()) {
      const line = this.#plan.get(name);
      if (line === undefined) {
        this.#drop(name, tie, true, true);
      } else if (line !== tie.line) {
        this.#set(name, { ...tie, line });
        this.#show(tie.link, line);
      }
    }
    for (const name of [...this.#failures.keys(), ...this.#pauses.keys()]) {
      if (!this.#plan.has(name)) {
        this.#forgive(name);
      }
    }
    for (const name of this.#plan.keys()) {
      this.#offer(name);
    }
    if (this.#plan.size > 0) {
      this.#cool(); // an old offer is for no later plan
    }
    this.#tellServed();
  }

  setTracks(tracks: Tracks): void {
    for (const { link } of this.#ties.peek().values()) {
      for (const source of sources) {
        link.setTrack(source, tracks[source]);
      }
    }
  }

  setViews(views: Views): void {
    this.#views = views;
    for (const { link, line } of this.#ties.peek().values()) {
      this.#show(link, line);
    }
  }

  networkChanged(): void {
    for (const { link } of this.#ties.peek().values()) {
      link.networkChanged();
    }
  }

  setIceServers(servers: readonly RTCIceServer[]): void {
    for (const { link } of this.#ties.peek().values()) {
      link.setIceServers(servers);
    }
  }

  /** Closes them all; with `tell` their other ends hear of it. */
  close(tell: boolean): void {
    this.#plan = new Map();
    this.#cool();
    for (const name of [...this.#failures.keys(), ...this.#pauses.keys()]) {
      this.#forgive(name);
    }
    for (const [name, tie] of this.#ties.peek()) {
      this.#drop(name, tie, tell);
    }
  }

  /** Offers a link of the plan, where that is this end's part and nothing is there or about to be. */
  #offer(name: string): void {
    const line = this.#plan.get(name);
    // One that drains was there, or is not worth making; one that waits may be so.
    const due = line?.offer === true && !line.waits && !line.draining;
    if (due && !this.#ties.peek().has(name) && !this.#pauses.has(name)) {
      this.#add(name, line, randomName(), "offerer");
    }
  }

  #add(name: string, line: PlannedLink, id: string, side: "offerer" | "answerer"): Link {
    const { self, iceServers, tracks, seals, level, opened, control, vitals } = this.#options;
    const party = { id: line.peer, session: line.session };
    const fits = side === "offerer" && line.shape === "mesh" && !line.quiet;
    const warm = fits ? this.#warm : undefined;
    this.#warm = fits ? undefined : this.#warm;
    const link = new Link({
      id,
      side,
      shape: line.shape,
      extra: line.extra,
      quiet: line.quiet,
      self: self().id,
      peer: line.peer,
      peerSession: line.session,
      iceServers: iceServers(),
      tracks: tracks(),
      seals,
      gently: this.#isSeen,
      warm,
      level,
      events: {
        signal: (message) => {
          const sent = this.#options.signal(party, message);
          message.type === "offer" && void sent.then(() => this.#setOffering(link, false));
        },
        opened: () => {
          this.#forgive(name);
          opened(link);
        },
        control: (message) => control(link, message),
        broken: () => this.#lose(link, true),
      },
    });
    this.#setOffering(link, side === "offerer");
    this.#show(link, line);
    this.#set(name, { line, link, unwatch: () => undefined });
    const unwatch = effect(() => {
      const now = link.vitals.value;
      // The SFU's own media may still come by a link that is to go.
      const asked = link.shape === "sfu" && this.#ties.value.get(name)?.line.quiet === false;
      const carrying = now.carrying && (!asked || this.covered(link, link.peer));
      untracked(() => vitals(line, { ...now, carrying }));
    });
    const tie = this.#ties.peek().get(name);
    if (tie?.link === link) {
      this.#set(name, { ...tie, unwatch });
    } else {
      unwatch();
    }
    this.#tellServed();
    return link;
  }

  /** A signal that a participant's session sealed for this one. */
  accept(from: Party, message: LinkSignal): void {
    const { self, knows } = this.#options;
    if (message.ends.to !== self().session || !knows(from)) {
      return;
    }
    const ties = [...this.#ties.peek().values()];
    const link = ties.map((tie) => tie.link).find((each) => isAbout(each, from, message));
    if (link !== undefined && message.type === "close") {
      this.#lose(link, false);
    } else if (link !== undefined) {
      link.accept(message);
    } else if (message.type === "offer") {
      this.#offered(from, message);
    } else if (message.type === "restart") {
      for (const [name, line] of this.#plan) {
        line.peer === from.id && line.session === from.session && this.#offer(name);
      }
    }
  }

  /** A link that the other end makes anew, in the place of one that it may have lost. */
  #offered(from: Party, offer: Extract<LinkSignal, { type: "offer" }>): void {
    const planned = [...this.#plan].find(
      ([, { peer, session, offer: mine, draining }]) =>
        peer === from.id && session === from.session && !mine && !draining,
    );
    if (offer.generation > 0 || planned === undefined) {
      // Not of this end's making or wanting: the other must make another one, or none.
      this.#options.signal(from, {
        type: "close",
        ends: { link: offer.ends.link, to: from.session },
      });
      return;
    }
    const [name, line] = planned;
    const before = this.#ties.peek().get(name);
    if (before !== undefined) {
      this.#drop(name, before, false);
    }
    this.#add(name, line, offer.ends.link, "answerer").accept(offer);
  }

  /** A link is of no use any more. While it is planned, its offerer makes another one after a pause. */
  #lose(link: Link, tell: boolean): void {
    const [name, tie] = [...this.#ties.peek()].find(([, each]) => each.link === link) ?? [];
    if (name === undefined || tie === undefined) {
      return;
    }
    const failures = (this.#failures.get(name) ?? 0) + 1;
    this.#failures.set(name, failures);
    clearTimeout(this.#pauses.get(name));
    const again = () => {
      this.#pauses.delete(name);
      this.#offer(name);
    };
    this.#pauses.set(name, setTimeout(again, backoff(failures, chance())));
    this.#drop(name, tie, tell);
  }

  /** Whether anything of the others comes already. */
  get #isSeen(): boolean {
    const links = [...this.#ties.peek().values()].map(({ link }) => link);
    return links.some(({ flows }) => flows.peek().some(({ live }) => live));
  }

  #cool(): void {
    this.#warm?.close();
    this.#warm = undefined;
  }

  #forgive(name: string): void {
    clearTimeout(this.#pauses.get(name));
    this.#pauses.delete(name);
    this.#failures.delete(name);
  }

  #show(link: Link, line: PlannedLink): void {
    const views = line.shape === "sfu" ? this.#views?.star : this.#views?.mesh.get(line.peer);
    if (line.quiet) {
      link.setShown([]);
    } else if (views !== undefined) {
      link.setShown(views);
    }
  }

  #setOffering(link: Link, offering: boolean): void {
    if (this.#offering.peek().has(link) !== offering) {
      const others = [...this.#offering.peek()].filter((each) => each !== link);
      this.#offering.value = new Set(offering ? [...others, link] : others);
    }
  }

  #set(name: string, tie: Tie): void {
    this.#ties.value = new Map(this.#ties.peek()).set(name, tie);
  }

  #drop(name: string, tie: Tie, tell: boolean, isGentle = false): void {
    tie.unwatch();
    this.#setOffering(tie.link, false);
    const { peer: id, session } = tie.line;
    tie.link.close(tell && this.#options.knows({ id, session }), isGentle);
    const rest = new Map(this.#ties.peek());
    rest.delete(name);
    this.#ties.value = rest;
    this.#options.vitals(tie.line, undefined);
    this.#tellServed();
  }

  #tellServed(): void {
    const ties = [...this.#ties.peek().values()];
    this.#options.served(
      ties.filter(({ line }) => line.shape === "sfu" && !line.draining).map(({ link }) => link),
    );
  }
}

const carrierOf = ({ line, link }: Tie): Carrier => ({
  line,
  up: link.vitals.value.up,
  flows: link.flows.value,
});

/** Where anybody's sound may come: the two of every link, and the slots beside them. */
const audioSlots = ({ extra }: PlannedLink): number => 2 + extra.audio;

const nameOf = ({ peer, session, shape }: Ref): string => `${peer}/${session}/${shape}`;

function isAbout(link: Link, from: Party, message: LinkSignal): boolean {
  return (
    link.peer === from.id && link.peerSession === from.session && link.id === message.ends.link
  );
}
