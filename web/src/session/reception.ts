/**
 * Hands on to the gathering whom the gate lets in, one thing after the other:
 * judging takes a moment, and the order in which things happened matters.
 */
import type { Participant, Policy, Welcome } from "../protocol/codec";
import type { Gate } from "./gate";
import type { Gathering } from "./gathering";

export interface ReceptionOptions {
  readonly self: string;
  readonly gate: Gate;
  readonly gathering: Gathering;
  /** Nothing is done any more. */
  readonly over: () => boolean;
}

export class Reception {
  readonly #options: ReceptionOptions;
  #last: Promise<void> = Promise.resolve();

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /** Does something after everything that came before. */
  inOrder(act: () => Promise<void> | void): void {
    this.#last = this.#last.then(async () => {
      if (!this.#options.over()) {
        await act();
      }
    });
  }

  /** Who is in the room for this client; undefined when it is not for them. */
  async welcomed({ roster, policy, host_id, self: told }: Welcome) {
    const { gate, self: id } = this.#options;
    gate.setEntry(policy.entry, false);
    const known = await gate.roster(roster, host_id);
    const self = known.find((each) => each.id === id) ?? told;
    return gate.outside ? undefined : { self, roster: known };
  }

  /** Who is not accepted does not exist here; who was and is no longer has left. */
  async entered(type: "joined" | "updated", participant: Participant): Promise<void> {
    const { gate, gathering } = this.#options;
    const as = await gate.entered(participant);
    if (as !== undefined) {
      gathering.happened({ type, participant: as });
    } else if (gathering.hasPerson(participant.id)) {
      gathering.happened({ type: "left", id: participant.id, why: "left" });
    }
  }

  /** The rendezvous says what the policy is. */
  async ruled(policy: Policy): Promise<void> {
    const { gate, gathering } = this.#options;
    if (gate.setEntry(policy.entry, false)) {
      await this.#again();
    }
    gathering.happened({ type: "policy", policy });
  }

  /** Looks at everybody anew, when it has done what comes before. */
  rejudge(): void {
    this.inOrder(() => this.#again());
  }

  async #again(): Promise<void> {
    const { gate, gathering } = this.#options;
    const { changed, gone } = await gate.again();
    for (const participant of changed) {
      gathering.happened({ type: "updated", participant });
    }
    for (const id of gone) {
      gathering.happened({ type: "left", id, why: "left" });
    }
  }
}
