/** Boxes to and from each peer, sealed and opened one after the other: their order matters. */
import { type Content, open, type Party, seal } from "./seal";

export class Post {
  readonly #send: (to: string, box: string) => void;
  readonly #accept: (from: Party, message: Content) => void;
  readonly #incoming = new Map<string, Promise<void>>();
  readonly #outgoing = new Map<string, Promise<void>>();

  constructor(
    send: (to: string, box: string) => void,
    accept: (from: Party, message: Content) => void,
  ) {
    this.#send = send;
    this.#accept = accept;
  }

  send(to: Party, message: Content): void {
    inOrder(this.#outgoing, to.id, async () => this.#send(to.id, await seal(message, to)));
  }

  receive(from: Party, box: string): void {
    inOrder(this.#incoming, from.id, async () => this.#accept(from, await open(box, from)));
  }
}

/**
 * What cannot be sealed leaves a link that will find itself broken; what cannot
 * be opened is nobody's loss but its sender's. Neither stops what follows.
 */
function inOrder(last: Map<string, Promise<void>>, id: string, act: () => Promise<void>): void {
  const done = (last.get(id) ?? Promise.resolve()).then(act).catch(() => undefined);
  last.set(id, done);
  void done.then(() => last.get(id) === done && last.delete(id));
}
