/**
 * Makes the links that exist match those that the plan wants. Owns every Link
 * of a room, and the boxes that travel between two of their ends.
 */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { View } from "../link/encoding";
import { Link } from "../link/link";
import type { Tracks } from "../link/outgoing";
import type { Source } from "../link/shape";
import type { ControlMessage, LinkSignal } from "../protocol/codec";
import { backoff } from "./backoff";
import { random, toBase64Url } from "./bytes";
import { open, type Party, seal } from "./seal";

export interface LinksOptions {
  readonly self: () => Party;
  readonly iceServers: () => readonly RTCIceServer[];
  readonly tracks: () => Tracks;
  readonly level: () => number;
  /** Passes a box by the rendezvous. */
  readonly post: (to: string, box: string) => void;
  /** Whether a session is in the room: who is not gets no link. */
  readonly knows: (party: Party) => boolean;
  readonly opened: (link: Link) => void;
  readonly control: (link: Link, message: ControlMessage) => void;
}

export class Links {
  readonly #options: LinksOptions;
  readonly #links = signal<ReadonlyMap<string, Link>>(new Map());
  #wanted: ReadonlyMap<string, number> = new Map();
  #views: ReadonlyMap<string, readonly View[]> | undefined;
  /** Links that failed since the last one that opened, and the pause before the next. */
  readonly #failures = new Map<string, number>();
  readonly #pauses = new Map<string, ReturnType<typeof setTimeout>>();
  /** Boxes of one peer are opened and sealed one after the other: their order matters. */
  readonly #incoming = new Map<string, Promise<void>>();
  readonly #outgoing = new Map<string, Promise<void>>();

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** By peer. */
  get all(): ReadonlySignal<ReadonlyMap<string, Link>> {
    return this.#links;
  }

  /** The peers that a link should lead to. Who has the higher session number offers it. */
  want(wanted: readonly Party[]): void {
    this.#wanted = new Map(wanted.map(({ id, session }) => [id, session]));
    for (const link of this.#links.value.values()) {
      const session = this.#wanted.get(link.peer);
      if (session !== link.peerSession) {
        // Of a session that is gone, nobody is left to tell.
        this.#drop(link, session === undefined);
      }
    }
    for (const id of this.#pauses.keys()) {
      if (!this.#wanted.has(id)) {
        this.#forgive(id);
      }
    }
    for (const party of wanted) {
      this.#make(party);
    }
  }

  /** A box that came from a participant's session. */
  receive(from: Party, box: string): void {
    const handled = (this.#incoming.get(from.id) ?? Promise.resolve())
      .then(() => open(box, from))
      .then((message) => this.#accept(from, message))
      // What is no signal of a link is nobody's loss but its sender's.
      .catch(() => undefined);
    this.#incoming.set(from.id, handled);
  }

  setTrack(source: Source, track: MediaStreamTrack | undefined): void {
    for (const link of this.#links.value.values()) {
      link.setTrack(source, track);
    }
  }

  setViews(views: ReadonlyMap<string, readonly View[]>): void {
    this.#views = views;
    for (const [peer, link] of this.#links.value) {
      link.setShown(views.get(peer) ?? []);
    }
  }

  /** False when there is no link that takes it now. */
  send(peer: string, message: ControlMessage): boolean {
    return this.#links.value.get(peer)?.send(message) ?? false;
  }

  networkChanged(): void {
    for (const link of this.#links.value.values()) {
      link.networkChanged();
    }
  }

  setIceServers(servers: readonly RTCIceServer[]): void {
    for (const link of this.#links.value.values()) {
      link.setIceServers(servers);
    }
  }

  /** Closes them all; with `tell` their other ends hear of it. */
  close(tell: boolean): void {
    this.#wanted = new Map();
    for (const id of this.#pauses.keys()) {
      this.#forgive(id);
    }
    for (const link of this.#links.value.values()) {
      this.#drop(link, tell);
    }
  }

  /** Offers a link, where that is this end's part and nothing is there or about to be. */
  #make(party: Party): void {
    const { id, session } = party;
    const wanted = this.#wanted.get(id) === session && this.#options.self().session > session;
    if (wanted && !this.#links.value.has(id) && !this.#pauses.has(id)) {
      this.#add(party, toBase64Url(random(16)), "offerer");
    }
  }

  #add(party: Party, id: string, side: "offerer" | "answerer"): Link {
    const link = new Link({
      id,
      side,
      self: this.#options.self().id,
      peer: party.id,
      peerSession: party.session,
      iceServers: this.#options.iceServers(),
      tracks: this.#options.tracks(),
      level: this.#options.level,
      events: {
        signal: (message) => this.#post(party, message),
        opened: () => {
          this.#forgive(party.id);
          this.#options.opened(link);
        },
        control: (message) => this.#options.control(link, message),
        broken: () => this.#lose(link, true),
      },
    });
    const views = this.#views?.get(party.id);
    if (views !== undefined) {
      link.setShown(views);
    }
    this.#links.value = new Map(this.#links.value).set(party.id, link);
    return link;
  }

  #accept(from: Party, message: LinkSignal): void {
    const { self, knows } = this.#options;
    if (message.ends.to !== self().session || !knows(from)) {
      return;
    }
    const link = this.#links.value.get(from.id);
    const known = link?.id === message.ends.link && link.peerSession === from.session;
    if (known && message.type !== "close") {
      link.accept(message);
    } else if (known) {
      this.#lose(link, false);
    } else if (message.type === "offer" && from.session > self().session) {
      this.#offered(from, message);
    } else if (message.type === "restart") {
      this.#make(from);
    }
  }

  #offered(from: Party, offer: Extract<LinkSignal, { type: "offer" }>): void {
    if (offer.generation > 0) {
      // Of a link that this end no longer has: the other must make a new one.
      this.#post(from, { type: "close", ends: { link: offer.ends.link, to: from.session } });
      return;
    }
    const before = this.#links.value.get(from.id);
    if (before !== undefined) {
      this.#drop(before, false);
    }
    this.#add(from, offer.ends.link, "answerer").accept(offer);
  }

  /** A link is of no use any more. While it is wanted, its offerer makes another one after a pause. */
  #lose(link: Link, tell: boolean): void {
    const { peer } = link;
    if (this.#links.value.get(peer) !== link) {
      return;
    }
    this.#drop(link, tell);
    const failures = (this.#failures.get(peer) ?? 0) + 1;
    this.#failures.set(peer, failures);
    clearTimeout(this.#pauses.get(peer));
    const pause = setTimeout(
      () => {
        this.#pauses.delete(peer);
        this.#make({ id: peer, session: link.peerSession });
      },
      backoff(failures, (random(1)[0] ?? 0) / 255),
    );
    this.#pauses.set(peer, pause);
  }

  #forgive(id: string): void {
    clearTimeout(this.#pauses.get(id));
    this.#pauses.delete(id);
    this.#failures.delete(id);
  }

  #drop(link: Link, tell: boolean): void {
    link.close(tell);
    const rest = new Map(this.#links.value);
    rest.delete(link.peer);
    this.#links.value = rest;
  }

  #post(to: Party, message: LinkSignal): void {
    const posted = (this.#outgoing.get(to.id) ?? Promise.resolve())
      .then(() => seal(message, to))
      .then((box) => this.#options.post(to.id, box))
      // Too large to travel: the link that needed it will find itself broken.
      .catch(() => undefined);
    this.#outgoing.set(to.id, posted);
  }
}
