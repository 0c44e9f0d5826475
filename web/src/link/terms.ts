/**
 * What flows on a link, as its two ends settle it: each asks by `view` for what
 * it shows, and tells by `slots` what it sends. Owns what was asked and told
 * last; the media itself is `incoming`'s and `outgoing`'s.
 */
import type { View as Asked, ControlMessage } from "../protocol/codec";
import type { Incoming } from "./incoming";
import type { Outgoing } from "./outgoing";

export interface TermsOptions {
  /** My peer ID. */
  readonly self: string;
  /** Whose sources alone come by this link; undefined where the peer is an SFU. */
  readonly only: string | undefined;
  readonly incoming: Incoming;
  readonly outgoing: Outgoing;
  /** False when it could not be sent now. */
  readonly send: (message: ControlMessage) => boolean;
}

export class Terms {
  readonly #options: TermsOptions;
  #asked = true;
  #shown: readonly Asked[] | undefined;
  #told = "";

  constructor(options: TermsOptions) {
    this.#options = options;
  }

  /** Whether the peer asks for anything; until it has said, it is taken to. */
  get asked(): boolean {
    return this.#asked;
  }

  /** What I show of what the link brings, most important first. */
  setShown(shown: readonly Asked[]): void {
    if (JSON.stringify(shown) === JSON.stringify(this.#shown)) {
      return;
    }
    const wasQuiet = this.#shown?.length === 0;
    this.#shown = shown;
    // First of all: what follows holds up the page for a moment.
    this.#tellViews();
    if (wasQuiet) {
      // What it told while nothing was asked for does not answer this. And it
      // will be asked for mine at once, too: that need not be waited for.
      this.#options.incoming.forget();
      this.#options.outgoing.presume();
    }
  }

  /** The channel is open, and nothing was told on it yet. */
  opened(): void {
    this.#tellViews();
    this.#told = "";
    this.tellSlots();
  }

  /** Tells what is sent, when that has changed. */
  tellSlots(): void {
    const { self, outgoing, send } = this.#options;
    const flows = outgoing.flows();
    const text = JSON.stringify(flows);
    if (text !== this.#told) {
      const slots = flows.map((flow) => ({ ...flow, from: self }));
      this.#told = send({ type: "slots", slots }) ? text : "";
    }
  }

  /** A message of the peer; false for one that is not about this. */
  take(message: ControlMessage): boolean {
    const { self, only, incoming, outgoing } = this.#options;
    switch (message.type) {
      case "view":
        this.#asked = message.views.length > 0;
        // Others' sources are an SFU's business; of this end only mine can be asked for.
        outgoing.setViews(
          message.views
            .filter((view) => view.from === self)
            .map(({ source, width = 0, height = 0 }) => ({ source, width, height })),
        );
        return true;
      case "slots":
        incoming.take(message.slots.filter(({ from }) => only === undefined || from === only));
        return true;
      default:
        return false;
    }
  }

  #tellViews(): void {
    if (this.#shown !== undefined) {
      this.#options.send({ type: "view", views: [...this.#shown] });
    }
  }
}
