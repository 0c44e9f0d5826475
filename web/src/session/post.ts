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
/** Who comes back says again what may not have arrived, for this long. */
const againMillis = 30_000;
const maxReturns = 4096;

export interface PostOptions {
  readonly mailbox: Mailbox;
  readonly gate: Pick<Gate, "find" | "accepted">;
  readonly epochs: Pick<Epochs, "ring" | "current" | "inUse" | "take">;
  /** Hands a box to who passes it on: to somebody, or to everybody. */
  readonly post: (to: string, box: string) => void;
  readonly broadcast: (box: string) => void;
  /** The same for one with epochs alone: by the link with somebody where there is one, whoever else would pass it on. */
  readonly hand: (to: Party, box: string) => void;
  /** Something was opened that this session sealed. */
  readonly opened: (from: Party) => void;
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
  /** By session the epochs that it has: true for what it has shown to have, false for what was sent to it. */
  readonly #have = new Map<string, ReadonlyMap<string, boolean>>();

  /** By session the number that it has, and since when it is another one than at first. */
  readonly #numbers = new Map<string, { readonly number: number; readonly since: number }>();

  constructor(options: PostOptions) {
    this.#options = options;
  }

  /** Resolves when it is handed on, or cannot be. */
  send(to: Party, message: Content): Promise<void> {
    return this.#inOrder(this.#outgoing, to.id, () => this.#send(to, [message]));
  }

  /** Hands somebody the epochs that they lack. */
  greet(to: Party): void {
    this.#inOrder(this.#outgoing, to.id, () => this.#hand(to, false));
  }

  /** A link with them opened: what was only sent may have been lost on its way. */
  linked(to: Party): void {
    this.#inOrder(this.#outgoing, to.id, () => this.#hand(to, true));
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

  /** What was only sent may not have arrived: it is handed on again. */
  doubt(): void {
    for (const [session, had] of this.#have) {
      this.#have.set(session, new Map([...had].filter(([, shown]) => shown)));
    }
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
    const { gate, post } = this.#options;
    const session = gate.find(to);
    session && (await this.#seal(to, session, false, messages, (box) => post(to.id, box)));
  }

  async #hand(to: Party, again: boolean): Promise<void> {
    const { gate, hand } = this.#options;
    const session = gate.find(to);
    session && (await this.#seal(to, session, again, [], (box) => hand(to, box)));
  }

  /** With what is owed before; `again` also what was sent and not shown. */
  async #seal(
    to: Party,
    session: Session,
    again: boolean,
    messages: readonly Content[],
    pass: (box: string) => void,
  ): Promise<void> {
    const { gate, mailbox } = this.#options;
    const isHelper = gate.accepted.peek().get(to.id)?.as.kind === "helper";
    const renewed = isHelper ? undefined : await this.#lacking(to, session);
    const owed = isHelper ? [] : this.#owed(session, again, renewed !== undefined);
    const grants = owed.map((epoch) => ({ type: "epoch" as const, ...epoch.grant(renewed) }));
    for (const box of boxesOf([...grants, ...messages])) {
      pass(await mailbox.seal(session, ...box));
    }
    for (const epoch of owed) {
      this.#note(session, epoch, false);
    }
  }

  async #receive(from: Party, box: string, passed: boolean): Promise<void> {
    const { gate, mailbox, epochs, opened, accept } = this.#options;
    const session = gate.find(from);
    if (session === undefined) {
      return; // gone meanwhile, or never let in
    }
    const first = !mailbox.hasHeard(session);
    const isBack = this.#isBack(session, from.session);
    try {
      const messages = await mailbox.open(session, box, epochs.ring);
      opened(from);
      for (const message of messages) {
        message.type === "epoch"
          ? await this.#granted(from, session, message)
          : accept(from, message);
      }
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      if (!((passed || isBack) && error.why === "replayed")) {
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
    this.#note(session, await epochs.take(grant), true);
    grant.membership !== undefined && belong(from, grant.membership);
  }

  /** Who lost the network has the same key under another number. */
  #isBack({ fingerprint }: Session, number: number): boolean {
    const now = performance.now();
    const name = hex(fingerprint);
    const before = this.#numbers.get(name) ?? { number, since: Number.NEGATIVE_INFINITY };
    const known = before.number === number ? before : { number, since: now };
    this.#numbers.delete(name);
    this.#numbers.set(name, known);
    const [oldest = ""] = this.#numbers.size > maxReturns ? this.#numbers.keys() : [];
    this.#numbers.delete(oldest);
    return now < known.since + againMillis;
  }

  /** What the host renewed, for who has not shown a card of it: nothing else tells that it arrived. */
  async #lacking(to: Party, { id, card }: Session): Promise<MembershipKey | undefined> {
    const [epoch] = this.#options.epochs.current;
    const renewed = this.#options.renewed(to);
    const { key, proof = "" } = card;
    const has = epoch && (await renewed?.isProof(proof, epoch.envelope.meeting, id, key));
    return has === true ? undefined : renewed;
  }

  /** `any`: at least the newest, for what goes with it. */
  #owed(session: Session, again: boolean, any: boolean): readonly Epoch[] {
    const { current } = this.#options.epochs;
    const had = this.#had(session);
    const owed = current.filter(({ name }) =>
      again ? had?.get(name) !== true : had?.has(name) !== true,
    );
    return any && owed.length === 0 ? current.slice(-1) : owed;
  }

  #has(session: Session, { name }: Epoch): boolean {
    return this.#had(session)?.has(name) === true;
  }

  #had({ fingerprint }: Session): ReadonlyMap<string, boolean> | undefined {
    return this.#have.get(hex(fingerprint));
  }

  #note(session: Session, { name }: Epoch, shown: boolean): void {
    const had = [...(this.#had(session) ?? [])];
    const before = had.some(([epoch, was]) => epoch === name && was);
    const others = had.filter(([epoch]) => epoch !== name);
    const all = [...others, [name, before || shown] as const].slice(-maxNoted);
    this.#have.set(hex(session.fingerprint), new Map(all));
  }

  /**
   * What cannot be sealed leaves a link that will find itself broken; what cannot
   * be opened is nobody's loss but its sender's. Neither stops what follows.
   */
  #inOrder(last: Map<string, Promise<void>>, id: string, act: () => Promise<void>): Promise<void> {
    const done = (last.get(id) ?? Promise.resolve()).then(act).catch(() => undefined);
    last.set(id, done);
    void done.then(() => last.get(id) === done && last.delete(id));
    return done;
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
