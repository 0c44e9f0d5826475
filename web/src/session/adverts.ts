/**
 * What participants can lend, told by themselves: nodes tell their capacity, and
 * a browser, which lends nothing, what it loses of what the SFU sends it.
 */
import { type Capacity, decodeCapacity, type Envelope } from "../protocol/codec";
import type { Envelopes } from "./envelopes";
import type { Reach } from "./reach";

export interface AdvertsOptions {
  readonly self: string;
  readonly session: () => number;
  readonly envelopes: Envelopes;
  readonly reach: Pick<Reach, "spread">;
  /** A capacity that `from` signed. */
  readonly advertised: (from: string, capacity: Capacity) => void;
}

export class Adverts {
  readonly #options: AdvertsOptions;
  #told = 0;

  constructor(options: AdvertsOptions) {
    this.#options = options;
  }

  /** Says what is lost, while something is, and once that nothing is any more. */
  async say(lossMille: number): Promise<void> {
    const before = this.#told;
    this.#told = lossMille;
    if (lossMille === 0 && before === 0) {
      return;
    }
    const { self, envelopes, session, reach } = this.#options;
    const capacity: Capacity = {
      uplink_kbps: 0,
      downlink_kbps: 0,
      cores_milli: 0,
      reachable: false,
      willing: false,
      ...(lossMille > 0 && { loss_mille: lossMille }),
    };
    this.#options.advertised(self, capacity);
    // Who has no link to this end has no SFU either that it could be about.
    reach.spread(await envelopes.make(session(), "capacity", capacity));
  }

  /** An advert's envelope, not checked yet. */
  async take(envelope: Envelope): Promise<void> {
    if (!(await this.#options.envelopes.admits(envelope))) {
      return;
    }
    try {
      this.#options.advertised(envelope.from, decodeCapacity(envelope.body));
    } catch {
      // Not of this kind: nobody's loss but its author's.
    }
  }
}
