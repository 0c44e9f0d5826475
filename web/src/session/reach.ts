/**
 * How a message gets to somebody: by the link between us, through the SFU that
 * has them, or, for the room's own affairs, by the rendezvous. An SFU hands an
 * envelope on to everybody it has, so that it gets each one once.
 */
import type { Link } from "../link/link";
import type { ControlMessage, Envelope } from "../protocol/codec";

export interface ReachOptions {
  readonly links: () => readonly Link[];
  /** The link between us, draining or not. */
  readonly to: (peer: string) => Link | undefined;
  /** The link to an SFU that has them. */
  readonly via: (peer: string) => Link | undefined;
  /** Sends an envelope to everybody by the rendezvous, while that is there. */
  readonly broadcast: (envelope: Envelope) => void;
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
    const message: ControlMessage = { type: "envelope", envelope };
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

  /** The same for what the whole room must hear, whatever becomes of the links. */
  proclaim(envelope: Envelope): void {
    this.spread(envelope);
    this.#options.broadcast(envelope);
  }

  /** Shows an envelope to somebody, or to everybody: who has no link yet gets it by the rendezvous. */
  show(to: string | undefined, envelope: Envelope): void {
    const missed =
      to === undefined
        ? this.spread(envelope).length > 0
        : !this.send(to, { type: "envelope", envelope });
    if (missed) {
      this.#options.broadcast(envelope);
    }
  }
}
