/**
 * Stands between the rendezvous and everything else here: hands on the entries
 * of the roster that the doorkeeper accepts, as it takes them, and keeps the
 * sessions that boxes are sealed to. Its calls must follow one another.
 */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Alarm } from "../e2ee/alarm";
import type { Session } from "../e2ee/card";
import { Doorkeeper, type Entry } from "../e2ee/doorkeeper";
import type { MembershipKey } from "../e2ee/membership";
import type { Participant } from "../protocol/codec";
import type { Own } from "./own";

/** Another participant's session, or one's own. */
export interface Party {
  readonly id: string;
  readonly session: number;
}

/** Somebody who was accepted. */
export interface Accepted {
  readonly as: Participant;
  readonly session: Session;
}

export interface GateOptions {
  readonly meetingId: string;
  readonly own: Own;
  readonly alarm: (alarm: Alarm) => void;
}

/** What a look at everybody anew has changed. */
export interface Rejudged {
  readonly changed: readonly Participant[];
  readonly gone: readonly string[];
}

/** More than come and go in any meeting. */
const maxMembers = 4096;

export class Gate {
  readonly #own: Own;
  readonly #alarm: (alarm: Alarm) => void;
  readonly #doorkeeper: Doorkeeper;
  readonly #accepted = signal<ReadonlyMap<string, Accepted>>(new Map());
  /** As the rendezvous told them, cards included; the refused ones too. */
  readonly #told = new Map<string, Participant>();
  /** What each proof was checked with: a new invitation makes nobody less who is in by the old one. */
  readonly #provedBy = new WeakMap<Session, MembershipKey>();
  readonly #members = new Set<string>();
  #member: MembershipKey | undefined;

  constructor({ meetingId: meeting, own, alarm }: GateOptions) {
    this.#own = own;
    this.#alarm = alarm;
    this.#member = own.member;
    this.#doorkeeper = new Doorkeeper({ meeting, host: own.host, member: own.member });
  }

  /** By identity, oneself and helpers among them. */
  get accepted(): ReadonlySignal<ReadonlyMap<string, Accepted>> {
    return this.#accepted;
  }

  /** Whom this client takes for the meeting's host. */
  get host(): string {
    return this.#own.host;
  }

  get entry(): Entry {
    return this.#doorkeeper.entry;
  }

  /** Undefined for a session that is not, or is no longer, in the room. */
  find({ id, session }: Party): Session | undefined {
    const known = this.#accepted.peek().get(id);
    return known?.as.session === session ? known.session : undefined;
  }

  /** Everybody who may have the epochs, oneself among them. */
  get sessions(): readonly Session[] {
    return [...this.#accepted.value.values()]
      .filter(({ as }) => as.kind !== "helper")
      .map(({ session }) => session);
  }

  /**
   * Entry is by invitation, and this client is no more invited than those that it
   * would refuse: it cannot prove what the host, or everybody else, has proved.
   */
  get outside(): boolean {
    const { id: self, host } = this.#own;
    const others = [...this.#told.values()].filter(
      ({ id, kind, card }) => id !== self && kind !== "helper" && card?.proof !== undefined,
    );
    const there = others.some(({ id }) => id === host)
      ? others.filter(({ id }) => id === host)
      : others;
    const proves = ({ id }: Participant) => this.#accepted.peek().get(id)?.session.proved === true;
    return this.entry === "invitation" && there.length > 0 && !there.some(proves);
  }

  /** Whether somebody is, or was in this stay, an accepted member. */
  isMember(id: string): boolean {
    return this.#members.has(id);
  }

  /** A whole roster, in the place of what was told before. */
  async roster(entries: readonly Participant[], hostId: string): Promise<readonly Participant[]> {
    this.#doorkeeper.heard(hostId);
    this.#told.clear();
    for (const entry of entries) {
      this.#told.set(entry.id, entry);
    }
    const judged = await this.#judgeAll();
    this.#accepted.value = judged;
    this.#tell();
    return entries.flatMap(({ id }) => judged.get(id)?.as ?? []);
  }

  /** Those of the people who wait at the door who would be let in. */
  async waiting(entries: readonly Participant[]): Promise<readonly Participant[]> {
    const judged: (Participant | undefined)[] = [];
    for (const entry of entries) {
      judged.push((await this.#judge(entry, false))?.as);
    }
    this.#tell();
    return judged.filter((as) => as !== undefined);
  }

  /** Somebody joined or changed; undefined for who does not exist here. */
  async entered(entry: Participant): Promise<Participant | undefined> {
    const before = this.#told.get(entry.id);
    const same = before?.session === entry.session;
    const card = entry.card ?? (same ? before?.card : undefined);
    const told = card === undefined ? entry : { ...entry, card };
    this.#told.set(entry.id, told);
    const accepted = await this.#judge(told);
    this.#keep(entry.id, accepted);
    this.#tell();
    return accepted?.as;
  }

  /** Answers whether it was in. */
  left(id: string): boolean {
    this.#told.delete(id);
    const was = this.#accepted.peek().has(id);
    this.#keep(id, undefined);
    return was;
  }

  /** The entry policy, by the rendezvous or by the acting host; who is in is to be looked at `again`. */
  setEntry(entry: Entry, byChair: boolean): boolean {
    const before = this.#doorkeeper.entry;
    this.#doorkeeper.setEntry(entry, byChair);
    return this.#doorkeeper.entry !== before;
  }

  /** What proofs are checked with from now on. */
  setMembership(member: MembershipKey): void {
    this.#member = member;
    this.#doorkeeper.setMembership(member);
  }

  /** Judges everybody anew. */
  async again(): Promise<Rejudged> {
    const before = this.#accepted.peek();
    const now = await this.#judgeAll();
    this.#accepted.value = now;
    this.#tell();
    const changed = [...now.values()].map(({ as }) => as);
    return {
      changed: changed.filter((as) => !sameStanding(as, before.get(as.id)?.as)),
      gone: [...before.keys()].filter((id) => !now.has(id)),
    };
  }

  async #judgeAll(): Promise<ReadonlyMap<string, Accepted>> {
    const all = new Map<string, Accepted>();
    // The host's own card tells whether the meeting has a secret at all.
    const hostFirst = [...this.#told.values()].sort(
      (a, b) => Number(b.id === this.#own.host) - Number(a.id === this.#own.host),
    );
    for (const entry of hostFirst) {
      const accepted = await this.#judge(entry);
      accepted && all.set(entry.id, accepted);
    }
    return all;
  }

  async #judge(told: Participant, enters = true): Promise<Accepted | undefined> {
    const { id, card } = this.#own;
    const isSelf = told.id === id;
    const entry = isSelf ? { ...told, card } : told;
    const before = this.#accepted.peek().get(told.id);
    const sameCard = before?.session.card.sig === entry.card?.sig;
    const by = sameCard && before !== undefined ? this.#provedBy.get(before.session) : undefined;
    this.#doorkeeper.setMembership(by ?? this.#member);
    const verdict = await this.#doorkeeper.judge(entry);
    this.#doorkeeper.setMembership(this.#member);
    if (verdict.refused !== undefined) {
      this.#alarm(verdict.refused);
      return undefined;
    }
    const { as, session } = verdict;
    const proving = by ?? this.#member;
    session.proved && proving && this.#provedBy.set(session, proving);
    if (enters && as.kind !== "helper" && this.#members.size < maxMembers) {
      this.#members.add(as.id);
    }
    return { as, session };
  }

  #keep(id: string, accepted: Accepted | undefined): void {
    const next = new Map(this.#accepted.peek());
    accepted === undefined ? next.delete(id) : next.set(id, accepted);
    this.#accepted.value = next;
  }

  #tell(): void {
    this.#doorkeeper.alarms().forEach(this.#alarm);
  }
}

const sameStanding = (a: Participant, b: Participant | undefined): boolean =>
  a.via === b?.via && a.role === b.role;
