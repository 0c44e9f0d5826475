/**
 * Stands between the rendezvous and everything else here: hands on the entries
 * of the roster that the doorkeeper accepts, as it takes them, and keeps the
 * sessions that boxes are sealed to: of who is accepted and in the room, since
 * nobody is to have a key whom nobody sees. Its calls must follow one another.
 */
import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Alarm } from "../e2ee/alarm";
import type { Session } from "../e2ee/card";
import { Doorkeeper, type Entry } from "../e2ee/doorkeeper";
import { hex } from "../e2ee/fields";
import type { MembershipKey } from "../e2ee/membership";
import type { Left, Participant } from "../protocol/codec";
import { maxRoster } from "../protocol/messages.gen";
import { takeOldest } from "./oldest";
import type { Own } from "./own";
import { sameList, steady } from "./steady";

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
  /** Who may come in, as it was when this client was here last. */
  readonly entry?: Entry | undefined;
  /** Who is in the room, by identity. */
  readonly inside: ReadonlySignal<ReadonlySet<string>>;
  readonly alarm: (alarm: Alarm) => void;
  /** A session that cannot come back. */
  readonly forget: (session: Session) => void;
}

/** What a look at everybody anew has changed. */
export interface Rejudged {
  readonly changed: readonly Participant[];
  readonly gone: readonly string[];
}

/** Entries that a rendezvous may have made up. */
const maxTold = 4 * maxRoster;
/** More than come and go in any meeting: past them the oldest are forgotten. */
const maxFormer = 4 * maxRoster;
const maxBarred = 1024;

export class Gate {
  readonly #own: Own;
  readonly #alarm: (alarm: Alarm) => void;
  readonly #doorkeeper: Doorkeeper;
  readonly #inside: ReadonlySignal<ReadonlySet<string>>;
  readonly #forget: (session: Session) => void;
  /** Whom the doorkeeper accepts. */
  readonly #kept = signal<ReadonlyMap<string, Accepted>>(new Map());
  readonly #accepted: ReadonlySignal<ReadonlyMap<string, Accepted>>;
  readonly #sessions: ReadonlySignal<readonly Session[]>;
  /** As the rendezvous told them, cards included; the refused ones too. */
  readonly #told = new Map<string, Participant>();
  /** What each proof was checked with: a new invitation makes nobody less who is in by the old one. */
  readonly #provedBy = new WeakMap<Session, MembershipKey>();
  /** Who is, or was in this stay, in the room: the newest last. */
  readonly #former = new Map<string, Accepted>();
  /** The sessions that were sent away, by fingerprint, with whose they are. */
  readonly #barred = new Map<string, string>();
  readonly #ends: readonly (() => void)[];
  readonly #entry: Signal<Entry>;
  /** Nobody has said in this stay that entry is by invitation, so nobody is accused of coming without. */
  #presumed: boolean;
  #member: MembershipKey | undefined;

  constructor({ meetingId: meeting, own, entry, inside, alarm, forget }: GateOptions) {
    this.#own = own;
    this.#inside = inside;
    this.#alarm = alarm;
    this.#forget = forget;
    this.#member = own.member;
    this.#doorkeeper = new Doorkeeper({ meeting, host: own.host, member: own.member });
    this.#doorkeeper.setEntry(entry ?? "any", true);
    this.#entry = signal(this.#doorkeeper.entry);
    this.#presumed = entry === "invitation" && own.id !== own.host;
    this.#accepted = computed(
      () => new Map([...this.#kept.value].filter(([id]) => inside.value.has(id))),
    );
    const parties = steady(() => [...this.#accepted.value.values()], sameList(sameParty));
    this.#sessions = computed(() =>
      parties.value.filter(({ as }) => as.kind !== "helper").map(({ session }) => session),
    );
    let before: ReadonlySet<string> = new Set();
    this.#ends = [
      effect(() => this.#note(parties.value)),
      effect(() => {
        for (const id of before) {
          inside.value.has(id) || this.#drop(id);
        }
        before = inside.value;
      }),
    ];
  }

  /** Who is accepted and in the room, by identity, oneself and helpers among them. */
  get accepted(): ReadonlySignal<ReadonlyMap<string, Accepted>> {
    return this.#accepted;
  }

  /** Whom this client takes for the meeting's host. */
  get host(): string {
    return this.#own.host;
  }

  get entry(): Entry {
    return this.#entry.value;
  }

  /** Undefined for a session that is not, or is no longer, in the room. */
  find({ id, session }: Party): Session | undefined {
    const known = this.#accepted.peek().get(id);
    return known?.as.session === session ? known.session : undefined;
  }

  /** Whether the meeting's host has proved in this stay to be invited, whatever its card shows now. */
  get hostProved(): boolean {
    return this.#doorkeeper.hostProved;
  }

  /** Everybody who may have the epochs, oneself among them; the same list while they are the same. */
  get sessions(): readonly Session[] {
    return this.#sessions.value;
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
    const proves = ({ id }: Participant) =>
      this.#kept.peek().get(id)?.session.proved === true || (id === host && this.hostProved);
    // Who has no secret refuses nobody by what it remembers, and need not leave for it.
    const said = !this.#presumed || this.#member !== undefined;
    return said && this.#entry.peek() === "invitation" && there.length > 0 && !there.some(proves);
  }

  /** Whether somebody is, or was in this stay, an accepted member. */
  isMember(id: string): boolean {
    const known = this.#former.get(id);
    return known !== undefined && known.as.kind !== "helper";
  }

  /** Whether a session of somebody was sent away in this stay. */
  wasSentAway(id: string): boolean {
    return [...this.#barred.values()].includes(id);
  }

  /** A whole roster. Who is missing stays for as long as they are in the room. */
  async roster(entries: readonly Participant[], hostId: string): Promise<readonly Participant[]> {
    this.#doorkeeper.heard(hostId);
    for (const id of this.#told.keys()) {
      this.#inside.peek().has(id) || this.#told.delete(id);
    }
    const named = new Map(entries.map((entry) => [entry.id, entry]));
    for (const [id, entry] of named) {
      this.#told.set(id, entry);
    }
    const judged = await this.#judgeAll();
    this.#kept.value = judged;
    this.#tell();
    return [...named.keys()].flatMap((id) => judged.get(id)?.as ?? []);
  }

  /** Those of the people who wait at the door who would be let in. */
  async waiting(entries: readonly Participant[]): Promise<readonly Participant[]> {
    const judged: (Participant | undefined)[] = [];
    for (const entry of entries) {
      judged.push((await this.#judge(entry))?.as);
    }
    this.#tell();
    return judged.filter((as) => as !== undefined);
  }

  /** Somebody joined or changed; undefined for who does not exist here. */
  async entered(entry: Participant): Promise<Participant | undefined> {
    const { id, presence } = entry;
    const before = this.#told.get(id);
    if (before === undefined && this.#told.size >= maxTold) {
      return undefined;
    }
    const same = before?.session === entry.session;
    const card = entry.card ?? (same ? before?.card : undefined);
    const told = card === undefined ? entry : { ...entry, card };
    if (before !== undefined && sameEntry(before, told)) {
      // Most words are about presence alone, which changes no verdict.
      this.#told.set(id, { ...before, presence });
      const known = this.#kept.peek().get(id);
      const now = known && { ...known, as: { ...known.as, presence } };
      this.#keep(id, now);
      return now?.as;
    }
    const accepted = await this.#judge(told);
    this.#told.set(id, told);
    this.#keep(id, accepted);
    this.#tell();
    return accepted?.as;
  }

  /**
   * The rendezvous has somebody no more, or they are sent away. Who was lost stays
   * for as long as they are in the room; who was removed or denied does not come
   * back with that session. Answers whether they are in no more but were.
   */
  left(id: string, why: Left["why"]): boolean {
    if (id === this.#own.id || (why === "lost" && this.#inside.peek().has(id))) {
      return false;
    }
    const was = this.#kept.peek().get(id);
    this.#drop(id);
    if (was !== undefined && (why === "removed" || why === "denied")) {
      this.#barred.set(hex(was.session.fingerprint), id);
      takeOldest(this.#barred, maxBarred);
    }
    return was !== undefined;
  }

  /** The entry policy, by the host or by anybody else; whether all are to be looked at `again`. */
  setEntry(entry: Entry, byHost: boolean): boolean {
    const before = this.#entry.peek();
    this.#doorkeeper.setEntry(entry, byHost);
    this.#entry.value = this.#doorkeeper.entry;
    const surer = this.#presumed && (byHost || entry === "invitation");
    this.#presumed &&= !surer;
    return surer || this.#entry.peek() !== before;
  }

  /** What proofs are checked with from now on. */
  setMembership(member: MembershipKey): void {
    this.#member = member;
    this.#doorkeeper.setMembership(member);
  }

  /** Judges everybody anew. */
  async again(): Promise<Rejudged> {
    const before = this.#kept.peek();
    const now = await this.#judgeAll();
    this.#kept.value = now;
    this.#tell();
    const changed = [...now.values()].map(({ as }) => as);
    return {
      changed: changed.filter((as) => !sameStanding(as, before.get(as.id)?.as)),
      gone: [...before.keys()].filter((id) => !now.has(id)),
    };
  }

  /** Nothing is seen any more. */
  end(): void {
    for (const end of this.#ends) {
      end();
    }
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

  async #judge(told: Participant): Promise<Accepted | undefined> {
    const { id, card, former } = this.#own;
    const isSelf = told.id === id;
    const entry = isSelf ? { ...told, card } : told;
    const before = this.#kept.peek().get(told.id);
    const sameCard = before?.session.card.sig === entry.card?.sig;
    const stays = sameCard && before !== undefined;
    const by =
      (stays ? this.#provedBy.get(before.session) : undefined) ??
      (entry.card && !this.wasSentAway(told.id)
        ? await former.proving(told.id, entry.card)
        : undefined);
    this.#doorkeeper.setMembership(by ?? this.#member);
    const verdict = await this.#doorkeeper.judge(entry);
    this.#doorkeeper.setMembership(this.#member);
    if (verdict.refused !== undefined) {
      const { code } = verdict.refused;
      (code === "uninvited" && this.#presumed) || this.#alarm(verdict.refused);
      return undefined;
    }
    const { as, session } = verdict;
    const proving = by ?? this.#member;
    const key = hex(session.fingerprint);
    if (session.proved && proving) {
      this.#provedBy.set(session, proving);
    }
    return this.#barred.has(key) ? undefined : { as, session };
  }

  #keep(id: string, accepted: Accepted | undefined): void {
    const next = new Map(this.#kept.peek());
    accepted === undefined ? next.delete(id) : next.set(id, accepted);
    this.#kept.value = next;
  }

  #drop(id: string): void {
    this.#told.delete(id);
    this.#kept.peek().has(id) && this.#keep(id, undefined);
  }

  /** Who is in the room now. A card takes the place of the one before for good. */
  #note(parties: readonly Accepted[]): void {
    for (const party of parties) {
      const { id } = party.session;
      const before = this.#former.get(id)?.session;
      if (before !== undefined && !sameKey(before, party.session)) {
        this.#forget(before);
      }
      this.#former.delete(id);
      this.#former.set(id, party);
    }
    takeOldest(this.#former, maxFormer).forEach(({ session }) => {
      this.#forget(session);
    });
  }

  #tell(): void {
    this.#doorkeeper.alarms().forEach(this.#alarm);
  }
}

const sameStanding = (a: Participant, b: Participant | undefined): boolean =>
  a.via === b?.via && a.role === b.role;

/** In everything that a verdict hangs on. */
const sameEntry = (a: Participant, b: Participant): boolean =>
  sameStanding(a, b) &&
  a.session === b.session &&
  a.n === b.n &&
  a.kind === b.kind &&
  a.card?.sig === b.card?.sig;

const sameKey = (a: Session, b: Session): boolean => hex(a.fingerprint) === hex(b.fingerprint);

/** For who has which epochs. */
const sameParty = (a: Accepted, b: Accepted): boolean =>
  a.as.kind === b.as.kind && a.session.proved === b.session.proved && sameKey(a.session, b.session);
