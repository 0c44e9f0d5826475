/** Tells the rendezvous one's own presence, whenever it is another than it knows. */
import type { Presence } from "../protocol/codec";

export class Announcer {
  readonly #send: (presence: Presence) => void;
  #known = "";

  constructor(send: (presence: Presence) => void) {
    this.#send = send;
  }

  /** A hello carries the presence by itself. */
  greeted(presence: Presence): Presence {
    this.#known = JSON.stringify(presence);
    return presence;
  }

  tell(presence: Presence): void {
    const text = JSON.stringify(presence);
    if (text !== this.#known) {
      this.#known = text;
      this.#send(presence);
    }
  }
}
