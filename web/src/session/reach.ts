/**
 * How a message gets to somebody: by the link between us, through the SFU that
 * has them, or, for the room's own affairs, by the rendezvous. An SFU hands an
 * envelope on to everybody it has, so that it gets each one once.
 */
import type { Link } from "../link/link";
import type { ControlMessage, Envelope } from "../protocol/codec";
import type { Letter } from "./seal";

export interface ReachOptions {
  readonly links: () => readonly Link[];
  /** The link between us, draining or not. */
  readonly to: (peer: string) => Link | undefined;
  /** The link to an SFU that has them. */
  readonly via: (peer: string) => Link | undefined;
  /** Sends it by the rendezvous, while that is there. */
  readonly write: (to: string, letter: Letter) => void;
  /** Everybody else, helpers too. */
  readonly everybody: () => readonly string[];
}

export class Reach {
  readonly #options: ReachOptions;

  constructor(options: ReachOptions) {
    this.#options = options;
  }

  /** Sends to somebody over a link; false when there is none that takes it. */
  send(to: string, message: ControlMessage): boolean {
    const { to: direct, via } = this.#options;
    return direct(to)?.send(message) === true || via(to)?.send(message) === true;
  }

  /** Sends an envelope over every link, once. Answers whom that does not reach. */
  spread(envelope: Envelope): readonly string[] {
    const { links, everybody, via } = this.#options;
    const message: Letter = { type: "envelope", envelope };
    const reached = new Set<string>();
    const took = new Set<Link>();
    for (const link of links()) {
      // Two links to one peer for a while: once is enough.
      if (!reached.has(link.peer) && link.send(message)) {
        reached.add(link.peer);
        took.add(link);
      }
    }
    return everybody().filter((peer) => {
      const through = reached.has(peer) ? undefined : via(peer);
      return !(reached.has(peer) || (through !== undefined && took.has(through)));
    });
  }

  /** The same for what the whole room must hear: who has no link yet gets it by the rendezvous. */
  proclaim(envelope: Envelope): void {
    for (const peer of this.spread(envelope)) {
      this.#options.write(peer, { type: "envelope", envelope });
    }
  }

  /** Shows an envelope to somebody. */
  show(to: string, envelope: Envelope): void {
    const letter: Letter = { type: "envelope", envelope };
    if (!this.send(to, letter)) {
      this.#options.write(to, letter);
    }
  }
}
