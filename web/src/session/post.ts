/**
 * Boxes to and from each participant, sealed and opened one after the other:
 * their order matters. Owns who has been handed which epoch: whoever lacks the
 * current one gets it in the box before anything else.
 */
import type { Session } from "../e2ee/card";
import type { Epoch } from "../e2ee/epoch";
import { hex } from "../e2ee/fields";
import type { Mailbox } from "../e2ee/mailbox";
import type { MembershipKey } from "../e2ee/membership";
import { type Refusal, Refused } from "../e2ee/refused";
import { maxHeld } from "../e2ee/ring";
import type { BoxMessage, Envelope, LinkSignal } from "../protocol/codec";
import { maxMessage } from "../protocol/messages.gen";
import type { Epochs } from "./epochs";
import type { Gate, Party } from "./gate";

/** What the room must hear, for somebody whom no link reaches yet. */
export type Letter = Extract<BoxMessage, { type: "envelope" }>;
export type Content = LinkSignal | Letter;

const maxNoted = 2 * maxHeld;

export interface PostOptions {
  readonly mailbox: Mailbox;
  readonly gate: Pick<Gate, "find" | "accepted">;
  readonly epochs: Pick<Epochs, "ring" | "current" | "inUse" | "take">;
  /** Hands a box to who passes it on: to somebody, or to everybody. */
  readonly post: (to: string, box: string) => void;
  readonly broadcast: (box: string) => void;
  /** A message of a box, in its order. */
  readonly accept: (from: Party, message: Content) => void;
  /** What the host lets its guests prove themselves with from now on; undefined while that is what it was. */
  readonly renewed: (to: Party) => MembershipKey | undefined;
  /** The host let this client do so. */
  readonly belong: (from: Party, membership: string) => void;
  /** A box was not taken; `first` when none ever was of that session. */
  readonly refused: (from: Party, why: Refusal, first: boolean) => void;
}

export class Post {
  readonly #options: PostOptions;
  readonly #incoming = new Map<string, Promise<void>>();
  readonly #outgoing = new Map<string, Promise<void>>();
  /** The epochs that a session has for certain. */
  readonly #have = new Map<string, Set<string>>();

  constructor(options: PostOptions) {
    this.#options = options;
  }

  send(to: Party, message: Content): void {
    this.#inOrder(this.#outgoing, to.id, () => this.#send(to, [message]));
  }

  /** Hands somebody the epochs that they lack. */
  greet(to: Party): void {
    this.#inOrder(this.#outgoing, to.id, () => this.#send(to, []));
  }

  /** For everybody: in one box where they have the epoch, and in one of their own where they have not. */
  broadcast(self: string, envelope: Envelope): void {
    const message: Letter = { type: "envelope", envelope };
    const { gate, epochs } = this.#options;
    const epoch = epochs.inUse.peek();
    let together = false;
    for (const [id, { as, session }] of gate.accepted.peek()) {
      if (id === self) {
        continue;
      }
      if (as.kind !== "helper" && epoch !== undefined && this.#has(session, epoch)) {
        together = true;
      } else {
        this.send({ id, session: as.session }, message);
      }
    }
    if (together && epoch !== undefined) {
      const { mailbox, broadcast } = this.#options;
      this.#inOrder(this.#outgoing, "", async () =>
        broadcast(await mailbox.sealAll(epoch, message)),
      );
    }
  }

  /** What was handed on may not have arrived: it is handed on again. */
  doubt(): void {
    this.#have.clear();
  }

  /** A session is gone for good. */
  forget({ fingerprint }: Session): void {
    this.#have.delete(hex(fingerprint));
    this.#options.mailbox.forget(fingerprint);
  }

  /** `passed` by a link, by which the same box may come again. */
  receive(from: Party, box: string, passed: boolean): void {
    this.#inOrder(this.#incoming, from.id, () => this.#receive(from, box, passed));
  }

  async #send(to: Party, messages: readonly Content[]): Promise<void> {
    const { gate, mailbox, post } = this.#options;
    const session = gate.find(to);
    if (session === undefined) {
      return; // gone meanwhile
    }
    const owed = gate.accepted.peek().get(to.id)?.as.kind === "helper" ? [] : this.#owed(session);
    const renewed = this.#options.renewed(to);
    const grants = owed.map((epoch) => ({ type: "epoch" as const, ...epoch.grant(renewed) }));
    for (const box of boxesOf([...grants, ...messages])) {
      post(to.id, await mailbox.seal(session, ...box));
    }
    for (const epoch of owed) {
      this.#note(session, epoch);
    }
  }

  async #receive(from: Party, box: string, passed: boolean): Promise<void> {
    const { gate, mailbox, epochs, accept } = this.#options;
    const session = gate.find(from);
    if (session === undefined) {
      return; // gone meanwhile, or never let in
    }
    const first = !mailbox.hasHeard(session);
    try {
      for (const message of await mailbox.open(session, box, epochs.ring)) {
        message.type === "epoch"
          ? await this.#granted(from, session, message)
          : accept(from, message);
      }
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      if (!(passed && error.why === "replayed")) {
        this.#options.refused(from, error.why, first);
      }
    }
  }

  async #granted(
    from: Party,
    session: Session,
    grant: Extract<BoxMessage, { type: "epoch" }>,
  ): Promise<void> {
    const { epochs, belong } = this.#options;
    this.#note(session, await epochs.take(grant));
    grant.membership !== undefined && belong(from, grant.membership);
  }

  #owed(session: Session): readonly Epoch[] {
    return this.#options.epochs.current.filter((epoch) => !this.#has(session, epoch));
  }

  #has(session: Session, epoch: Epoch): boolean {
    return this.#have.get(hex(session.fingerprint))?.has(epoch.name) === true;
  }

  #note(session: Session, epoch: Epoch): void {
    const name = hex(session.fingerprint);
    const had = this.#have.get(name) ?? new Set();
    this.#have.set(name, new Set([...had, epoch.name].slice(-maxNoted)));
  }

  /**
   * What cannot be sealed leaves a link that will find itself broken; what cannot
   * be opened is nobody's loss but its sender's. Neither stops what follows.
   */
  #inOrder(last: Map<string, Promise<void>>, id: string, act: () => Promise<void>): void {
    const done = (last.get(id) ?? Promise.resolve()).then(act).catch(() => undefined);
    last.set(id, done);
    void done.then(() => last.get(id) === done && last.delete(id));
  }
}

/** As few boxes as hold them in their order: a long description has one to itself. */
function boxesOf(messages: readonly BoxMessage[]): readonly (readonly BoxMessage[])[] {
  const length = messages.reduce((sum, message) => sum + JSON.stringify(message).length, 0);
  if (messages.length === 0) {
    return [];
  }
  return length <= maxMessage ? [messages] : messages.map((message) => [message]);
}
