/**
 * The encryption of one stay, put together: who is accepted, what is sealed to
 * whom, which epoch is in use, what the media's worker knows, and what looks
 * like an attack. Decides none of it: that is e2ee's, and its parts' here.
 */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals-core";
import { type Alarm, Alarms } from "../e2ee/alarm";
import type { Entry } from "../e2ee/doorkeeper";
import { MembershipKey } from "../e2ee/membership";
import type { Refusal } from "../e2ee/refused";
import { safetyCode } from "../e2ee/safety";
import type { Transforms } from "../link/transforms";
import type { Left } from "../protocol/codec";
import { Cipher } from "./cipher";
import { EntryWord } from "./entry";
import { Envelopes } from "./envelopes";
import { Epochs } from "./epochs";
import { Gate, type Party } from "./gate";
import type { Identity } from "./identity";
import type { Memory } from "./memory";
import type { Result, Safety } from "./model";
import type { Notices } from "./notices";
import type { Own } from "./own";
import { type Content, Post } from "./post";
import { chance } from "./random";

/** What this client brings to it. */
export interface Stay {
  readonly meeting: { readonly meetingId: string };
  readonly identity: Identity;
  readonly own: Own;
  readonly transforms: Transforms;
  readonly memory: Memory;
}

export interface SecrecyOptions {
  readonly stay: Stay;
  readonly notices: Notices;
  /** The number of one's own session. */
  readonly session: () => number;
  readonly chair: ReadonlySignal<string | undefined>;
  /** Who is in the room, by identity. */
  readonly inside: ReadonlySignal<ReadonlySet<string>>;
  /** Hands a box to who passes it on: to somebody, or to everybody. */
  readonly post: (to: string, box: string) => void;
  readonly broadcast: (box: string) => void;
  /** Hands it on by the link with them, where there is one. */
  readonly hand: (to: Party, box: string) => void;
  /** Something was opened that somebody in the room sealed. */
  readonly opened: (from: Party) => void;
  /** A message that somebody in the room sealed for this session. */
  readonly accept: (from: Party, message: Content) => void;
  /** Everybody is to be judged anew, when what is going on is done. */
  readonly rejudge: () => void;
  /** One's own card is another one: everybody is to be shown it. */
  readonly recarded: () => void;
}

/**
 * Who is in by the old invitation shows a card of the new one when everybody
 * has heard of it, and not all in one moment.
 */
const recardMillis = { least: 3_000, more: 3_000 } as const;
/** By then everybody has what the host handed on. */
const renewMillis = 1_500;
/** As many epochs are handed on at once, and the same again each second: a rendezvous takes no more. */
const greetTogether = 40;
/** Boxes that a rendezvous which was restarted may pass on twice. */
const restartMillis = 30_000;

export class Secrecy {
  readonly gate: Gate;
  readonly epochs: Epochs;
  readonly envelopes: Envelopes;
  readonly cipher: Cipher;
  readonly #entry: EntryWord;
  readonly #post: Post;
  readonly #options: SecrecyOptions;
  readonly #alarms = new Alarms();
  readonly #safety = signal<Safety | undefined>(undefined);
  readonly #member;
  readonly #ends: (() => void)[] = [];
  #renewed: boolean;
  #restartedAt = Number.NEGATIVE_INFINITY;
  #recard: ReturnType<typeof setTimeout> | undefined;
  #greeting: ReturnType<typeof setTimeout> | undefined;
  readonly meetingHasSecret: ReadonlySignal<boolean>;
  readonly hasSecret: ReadonlySignal<boolean>;

  constructor(options: SecrecyOptions) {
    this.#options = options;
    const { stay, session, inside } = options;
    const { identity, own } = stay;
    const { meetingId } = stay.meeting;
    this.#member = signal(own.member);
    this.#renewed = own.former.some;
    this.gate = new Gate({
      meetingId,
      own,
      entry: stay.memory.entry,
      inside,
      alarm: (alarm) => this.alarm(alarm),
      forget: (gone) => this.#post.forget(gone),
    });
    this.#entry = new EntryWord({
      self: own.id,
      host: own.host,
      gate: this.gate,
      memory: stay.memory,
      relaxed: () => this.alarm({ code: "relaxed", id: own.id, name: "" }),
    });
    this.envelopes = new Envelopes(meetingId, identity, (id) =>
      this.alarm({ code: "forged", id, name: "" }),
    );
    this.epochs = new Epochs({
      meetingId,
      identity,
      numbered: () => ({ session: session(), seq: this.envelopes.next() }),
      entry: () => this.gate.entry,
      isMember: (id) => this.gate.isMember(id),
      begun: () => this.#greetAll(),
      stated: (entry, by) => this.#entry.stated(entry, by) && options.rejudge(),
      overdue: () => options.notices.add("key-overdue"),
    });
    this.cipher = new Cipher({ meetingId, self: () => own.session, epochs: this.epochs });
    this.#post = new Post({
      mailbox: own.mailbox,
      gate: this.gate,
      epochs: this.epochs,
      post: options.post,
      broadcast: options.broadcast,
      hand: options.hand,
      opened: options.opened,
      accept: options.accept,
      renewed: ({ id }) => this.#renewedFor(id),
      belong: (from, membership) => void this.#belong(from, membership),
      refused: (from, why, first) => this.#refused(from, why, first),
    });
    this.hasSecret = computed(() => this.#member.value !== undefined);
    this.meetingHasSecret = computed(
      () =>
        this.hasSecret.value ||
        this.gate.accepted.value.get(own.host)?.session.card.proof !== undefined,
    );
    this.#begin();
  }

  get safety(): ReadonlySignal<Safety | undefined> {
    return this.#safety;
  }

  /** Whether somebody's proof was checked here and holds. */
  isProved(id: string): boolean {
    return this.gate.accepted.value.get(id)?.session.proved === true;
  }

  /** Resolves when it is handed on, or cannot be. */
  send(to: Party, message: Content): Promise<void> {
    return this.#post.send(to, message);
  }

  broadcast(envelope: Extract<Content, { type: "envelope" }>["envelope"]): void {
    this.#post.broadcast(this.#options.stay.own.id, envelope);
  }

  /** The rendezvous says who may come in: whether everybody must be judged anew. */
  told(entry: Entry): boolean {
    return this.#entry.told(entry);
  }

  /** The host says so, from here on, and asks the rendezvous to see to it. */
  async decide(entry: Entry, ask: () => Promise<Result<undefined>>): Promise<Result<undefined>> {
    const before = this.#entry.now;
    this.#decided(this.#entry.decide(entry));
    const told = await ask();
    this.#entry.answered(told.ok);
    if (!told.ok && entry === "any") {
      // An answer that was lost may have been a yes, but stricter does no harm.
      this.#decided(this.#entry.takeBack(before));
    }
    return told;
  }

  /** A link with them opened. */
  linked(to: Party): void {
    this.#post.linked(to);
  }

  /** `passed` by a link, and not by the rendezvous. */
  receive(from: Party, box: string, passed = false): void {
    this.#post.receive(from, box, passed);
  }

  /** The rendezvous has somebody no more, or they are sent away. */
  left(id: string, why: Left["why"]): void {
    const before = this.gate.accepted.peek().get(id)?.as.kind;
    const wasIn = this.gate.left(id, why) && before !== undefined && before !== "helper";
    if (why === "removed" || why === "denied") {
      this.strike(id);
      // Who was sent away from here is so for the others only now: they may have
      // handed on the epoch that was begun then.
      wasIn ? this.epochs.removed() : this.epochs.renew();
    }
  }

  /** Somebody is sent away, or not let in: what was before the newest invitation is not for them. */
  strike(id: string): void {
    const { own, memory } = this.#options.stay;
    own.former.strike(id);
    memory.strike(id);
  }

  /** The rendezvous began anew: what it passes on may have come before, and what it had may be lost. */
  restarted(): void {
    this.#restartedAt = performance.now();
    this.#post.doubt();
    this.#greetAll();
  }

  /** The others who are in by an invitation that was checked here, and were not sent away before. */
  get guests(): readonly string[] {
    const { own } = this.#options.stay;
    const others = [...this.gate.accepted.peek().values()].filter(
      ({ as }) => as.id !== own.id && as.kind !== "helper",
    );
    return others
      .filter(({ as, session }) => session.proved && !this.gate.wasSentAway(as.id))
      .map(({ as }) => as.id);
  }

  /**
   * The host's own new secret. Its guests get what they need of it with the next
   * epoch, and only then see a card that they need it for.
   */
  async renew(member: MembershipKey): Promise<void> {
    const { own } = this.#options.stay;
    const { guests } = this;
    const before = this.#member.peek();
    before && own.former.retire(before, guests);
    this.#member.value = member;
    this.#renewed = true;
    this.gate.setMembership(member);
    this.epochs.renew();
    if (guests.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, renewMillis));
    }
    await this.#show(member);
    this.#options.rejudge();
  }

  /** Tells people, once; `first` marks the first box ever of a session. */
  alarm(alarm: Alarm, first = false): void {
    if (this.#alarms.raise(Date.now(), alarm, first)) {
      const known = this.gate.accepted.peek().get(alarm.id)?.as;
      const name = known?.presence.name ?? (alarm.name || undefined);
      const helper = known?.kind === "helper";
      this.#options.notices.add("alarm", {
        alarm: { code: alarm.code, ...(name !== undefined && { name }), ...(helper && { helper }) },
      });
    }
  }

  end(): void {
    clearTimeout(this.#recard);
    clearTimeout(this.#greeting);
    for (const end of this.#ends) {
      end();
    }
    this.#entry.end();
    this.gate.end();
    this.epochs.end();
    this.#options.stay.transforms.close();
  }

  #begin(): void {
    const { chair, stay } = this.#options;
    const { own, transforms } = stay;
    const { meetingId } = stay.meeting;
    this.#ends.push(
      effect(() => this.epochs.setChair(chair.value)),
      effect(() => {
        const held = this.epochs.held.value.map((epoch) => epoch.media());
        transforms.setEpochs(held, this.epochs.inUse.value?.name);
      }),
      effect(() => {
        transforms.setSessions(this.gate.sessions.filter(({ id }) => id !== own.id));
        this.#greetAll();
      }),
      effect(() => {
        const { sessions } = this.gate;
        const epoch = this.epochs.inUse.value;
        if (epoch === undefined) {
          this.#safety.value = undefined;
          return;
        }
        let current = true;
        void safetyCode(meetingId, own.host, epoch, sessions).then((code) => {
          if (current) {
            this.#safety.value = { ...code, people: sessions.length };
          }
        });
        return () => {
          current = false;
        };
      }),
    );
  }

  /** Who has the chair sees to it that everybody has the epoch. */
  #greetAll(): void {
    const { chair, stay } = this.#options;
    const { own } = stay;
    if (chair.peek() !== own.id) {
      return; // others do so with the first thing that they say
    }
    const all = [...this.gate.accepted.peek().values()]
      .map(({ as }) => as)
      .filter(({ id, kind }) => id !== own.id && kind !== "helper");
    const greet = (from: number) => {
      for (const as of all.slice(from, from + greetTogether)) {
        this.#post.greet(as);
      }
      if (from + greetTogether < all.length) {
        this.#greeting = setTimeout(() => greet(from + greetTogether), 1_000);
      }
    };
    clearTimeout(this.#greeting);
    greet(0);
  }

  /** Not for who was sent away, and came back before there was a new one. */
  #renewedFor(id: string): MembershipKey | undefined {
    const may = this.#renewed && this.isProved(id) && !this.gate.wasSentAway(id);
    return may ? this.#member.peek() : undefined;
  }

  #decided(changed: boolean): void {
    changed && this.#options.rejudge();
    this.epochs.renew(); // its statement tells the others
  }

  async #belong(from: Party, membership: string): Promise<void> {
    const { stay, rejudge } = this.#options;
    const member = await MembershipKey.of(membership);
    const before = this.#member.peek();
    const isHost = from.id === stay.own.host && this.gate.hostProved;
    if (!isHost || member === undefined || before?.equals(member) !== false) {
      return;
    }
    stay.memory.keepMembership(membership);
    this.#member.value = member;
    this.gate.setMembership(member);
    rejudge();
    clearTimeout(this.#recard);
    this.#recard = setTimeout(
      () => void this.#show(member),
      recardMillis.least + chance() * recardMillis.more,
    );
  }

  async #show(member: MembershipKey): Promise<void> {
    await this.#options.stay.own.belong(member);
    this.#member.value = member;
    this.#options.recarded();
  }

  #refused(from: Party, why: Refusal, first: boolean): void {
    const doubled = performance.now() < this.#restartedAt + restartMillis;
    if (why === "no-epoch" || (why === "replayed" && doubled)) {
      return;
    }
    // Who was here before this session may have sealed to the one before it.
    const newer = from.session > this.#options.session();
    this.alarm({ code: why, id: from.id, name: "" }, first && newer);
  }
}
