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
  /** The rendezvous' word of who may come in; whether everybody must be judged anew. */
  readonly told: (entry: Policy["entry"]) => boolean;
  /** Somebody is not accepted any more: what follows is not for them. */
  readonly turnedOut: () => void;
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
  async welcomed({ roster, policy, host_id, self: told, resumed }: Welcome) {
    const { gate, gathering, told: hear, self: id } = this.#options;
    if (resumed === true && gathering.has({ id, session: told.session })) {
      return { self: told, roster }; // nobody looks at it: what was missed follows
    }
    hear(policy.entry);
    const known = await gate.roster(roster, host_id);
    const self = known.find((each) => each.id === id) ?? told;
    return gate.outside ? undefined : { self, roster: known };
  }

  /** Who is not accepted does not exist here; who was and is no longer has left. */
  async entered(participant: Participant): Promise<void> {
    const { gate } = this.#options;
    const { id } = participant;
    const card = gate.accepted.peek().get(id)?.session.card.sig;
    const as = await gate.entered(participant);
    this.#take(id, as);
    if (id === gate.host && gate.accepted.peek().get(id)?.session.card.sig !== card) {
      await this.#again(); // what others are taken for may hang on the host
    }
  }

  /** The rendezvous says what the policy is. */
  async ruled(policy: Policy): Promise<void> {
    const { told, gathering, turnedOut } = this.#options;
    if (told(policy.entry)) {
      await this.#again();
      turnedOut();
    }
    gathering.happened({ type: "policy", policy });
  }

  /** Looks at everybody anew, when it has done what comes before. */
  rejudge(): void {
    this.inOrder(() => this.#again());
  }

  async #again(): Promise<void> {
    const { changed, gone } = await this.#options.gate.again();
    for (const as of changed) {
      this.#take(as.id, as);
    }
    for (const id of gone) {
      this.#take(id, undefined);
    }
  }

  #take(id: string, as: Participant | undefined): void {
    const { gathering, turnedOut } = this.#options;
    const known = gathering.hasPerson(id);
    if (as !== undefined) {
      gathering.happened({ type: known ? "updated" : "joined", participant: as });
    } else if (known) {
      gathering.happened({ type: "left", id, why: "left" });
      turnedOut();
    }
  }
}
