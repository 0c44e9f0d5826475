/** The meeting's policy as it is now, and what it lets somebody do. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Policy } from "../protocol/codec";
import type { Gathering } from "./gathering";

export class Rules {
  readonly #gathering: Gathering;
  readonly #policy = signal<Policy | undefined>(undefined);

  constructor(gathering: Gathering) {
    this.#gathering = gathering;
  }

  /** Unknown before the rendezvous' welcome. */
  get policy(): ReadonlySignal<Policy | undefined> {
    return this.#policy;
  }

  set(policy: Policy): void {
    this.#policy.value = policy;
  }

  /** Before the policy is known, everything. */
  let(id: string, what: "share" | "chat"): boolean {
    if (this.#policy.value?.[what] !== "host") {
      return true;
    }
    const role = this.#gathering.roster.value.find((each) => each.id === id)?.role;
    return this.#gathering.chair.value === id || role === "host" || role === "co-host";
  }
}
