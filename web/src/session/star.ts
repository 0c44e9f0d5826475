/**
 * What a star adds to a session: whom the SFU has, whether it and its standby
 * live, how messages get to somebody through it, and who is heard in it.
 */
import { untracked } from "@preact/signals-core";
import type { Link } from "../link/link";
import type { Quality } from "../link/quality";
import { loudnessOf } from "../media/level";
import type { ControlMessage, Envelope } from "../protocol/codec";
import type { Party } from "./gate";
import type { Gathering } from "./gathering";
import { Hearsay } from "./hearsay";
import type { Links } from "./links";
import { isHidden } from "./outside";
import { Reach } from "./reach";
import type { Voice } from "./views";
import { Vigil } from "./vigil";

export interface StarOptions {
  readonly self: string;
  readonly session: () => number;
  readonly gathering: Gathering;
  readonly links: Links;
  /** Passes a box by the rendezvous; false while that is away. */
  readonly connected: () => boolean;
  readonly signal: (to: string, box: string) => void;
  /** Seals for everybody, and passes it by the rendezvous. */
  readonly broadcast: (envelope: Envelope) => void;
  /** Somebody is reached through the SFU who was not. */
  readonly reached: (peer: string) => void;
  /** A box that came over a link. */
  readonly receive: (from: Party, box: string) => void;
  /** A message that is not about the star. */
  readonly take: (link: Link, message: ControlMessage) => void;
}

export class Star {
  readonly reach: Reach;
  readonly #options: StarOptions;
  readonly #hearsay: Hearsay;
  readonly #vigil = new Vigil(isHidden);

  constructor(options: StarOptions) {
    this.#options = options;
    const { gathering, links, connected, broadcast } = options;
    this.#hearsay = new Hearsay({
      covered: (link, peer) => untracked(() => links.covered(link, peer)),
      heard: (via, peers) => gathering.happened({ type: "heard", via, peers }),
    });
    this.reach = new Reach({
      links: () => untracked(() => links.all()),
      to: (peer) => untracked(() => links.to(peer)),
      via: (peer) => this.#hearsay.via(peer),
      broadcast: (envelope) => {
        connected() && broadcast(envelope);
      },
      everybody: () => gathering.everybody(),
    });
  }

  /** The links to those who serve and stand by, whenever they change. */
  serve(links: readonly Link[]): void {
    this.#vigil.watch(links);
    this.#hearsay.keep(links);
  }

  /** What comes by which link has changed. */
  look(): void {
    this.#hearsay.look();
  }

  control(link: Link, message: ControlMessage): void {
    const { self, reached, receive, take } = this.#options;
    switch (message.type) {
      case "heard":
        if (link.shape === "sfu") {
          const others = message.peers.filter((peer) => peer !== self);
          this.#hearsay.take(link, others).forEach(reached);
        }
        break;
      case "pass":
        // Who serves passes on everybody's, anybody else only their own.
        if (message.to === self && (link.shape === "sfu" || message.from === link.peer)) {
          receive({ id: message.from, session: message.session }, message.box);
        }
        break;
      default:
        take(link, message);
    }
  }

  /** A box for somebody: over a link, or through the SFU, while the rendezvous is away. */
  post(to: string, box: string): void {
    const { self, session, connected, signal } = this.#options;
    const pass: ControlMessage = { type: "pass", from: self, session: session(), to, box };
    if (connected() || !this.reach.send(to, pass)) {
      signal(to, box);
    }
  }

  /** A box that the link with somebody's present session takes at once, and nobody else need pass on. */
  hand(to: Party, box: string): void {
    const { self, session, links } = this.#options;
    const link = untracked(() => links.to(to.id));
    const direct = link?.peerSession === to.session ? link : undefined;
    const pass: ControlMessage = { type: "pass", from: self, session: session(), to: to.id, box };
    direct?.send(pass) || this.post(to.id, box);
  }

  /** Of a thousand packets, how many are lost of what the SFU sends; undefined without one. */
  lossMille(): number | undefined {
    const sfu = untracked(() => this.#options.links.serving("sfu"));
    return sfu && Math.round((sfu.figures.peek().lossPercent ?? 0) * 10);
  }

  /** How what somebody sends gets here: by the link between us, or through who carries the room. */
  qualityOf(id: string): Quality {
    const { links } = this.#options;
    const serving = links.serving("sfu");
    const through = serving !== undefined && this.#hearsay.everybody.value.has(id);
    const link = links.to(id) ?? (through ? serving : undefined);
    return link?.quality.value ?? "connecting";
  }

  /** The others who may be seen and heard. */
  voices(): readonly Voice[] {
    return this.#options.gathering.roster.value
      .filter(({ id, kind }) => id !== this.#options.self && kind !== "helper")
      .map(({ id, presence }) => ({ id, micOn: presence.mic, sharing: presence.screen }));
  }

  /** How loud each of the others is, 0…1. */
  levels(): ReadonlyMap<string, number> {
    const levels = new Map<string, number>();
    const hear = (id: string, level: number) =>
      levels.set(id, Math.max(levels.get(id) ?? 0, level));
    for (const link of untracked(() => this.#options.links.all())) {
      if (link.shape === "mesh") {
        hear(link.peer, link.peerLevel.peek() / 127);
        continue;
      }
      // Through an SFU come no beats of the others: their sound itself is listened to.
      for (const [id, amplitude] of link.levels()) {
        hear(id, loudnessOf(amplitude));
      }
    }
    return levels;
  }

  end(): void {
    this.#vigil.watch([]);
    this.#hearsay.end();
  }
}
