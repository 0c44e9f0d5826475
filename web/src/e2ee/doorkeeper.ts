/**
 * Who is accepted: judges each entry of the rendezvous' roster before anything
 * else here hears of it. Owns the memory that this needs (cards seen, the host,
 * the entry policy at its strictest); what is done with a verdict is the caller's.
 */
import type { Participant, Policy } from "../protocol/messages.gen";
import type { Alarm, AlarmCode } from "./alarm";
import { checkCard, type Session } from "./card";
import type { MembershipKey } from "./membership";

export type Entry = Policy["entry"];

/** An accepted entry, with via and role as this client takes them; or why it does not exist for it. */
export type Verdict =
  | { readonly as: Participant; readonly session: Session; readonly refused?: undefined }
  | { readonly refused: Alarm };

export interface DoorkeeperOptions {
  readonly meeting: string;
  /** The identity that this client takes for the meeting's host, for the whole stay. */
  readonly host: string;
  /** Of who has the invitation's secret. */
  readonly member: MembershipKey | undefined;
}

/** More identities than any room has: past them the oldest are forgotten. */
const maxCards = 4096;
const maxAlarms = 64;

export class Doorkeeper {
  readonly #meeting: string;
  readonly #host: string;
  #member: MembershipKey | undefined;
  #entry: Entry = "any";
  /** The host's own card shows that the meeting has no secret yet. */
  #hostUnproved = false;
  #hostProved = false;
  /** By identity, when its newest card was made. */
  readonly #cards = new Map<string, number>();
  #alarms: Alarm[] = [];

  constructor({ meeting, host, member }: DoorkeeperOptions) {
    this.#meeting = meeting;
    this.#host = host;
    this.#member = member;
  }

  /**
   * Judges one entry, its card in it: of an `updated` without one, the card that
   * came before. Calls must follow one another as the entries came.
   */
  async judge(entry: Participant): Promise<Verdict> {
    const { id, card } = entry;
    const session = card && (await checkCard(this.#meeting, id, card, this.#member));
    if (card === undefined || session === undefined) {
      return refused("unsigned", entry);
    }
    if (card.at < (this.#cards.get(id) ?? 0)) {
      return refused("stale", entry);
    }
    this.#see(id, card.at);
    const via = this.#via(entry, session);
    if (entry.kind === "helper") {
      return { as: { ...entry, via, role: "participant" }, session };
    }
    const isHost = id === this.#host;
    this.#hostProved ||= isHost && session.proved;
    if (this.#entry === "invitation" && this.#member !== undefined && via !== "invitation") {
      return isHost && this.#hostProved
        ? { as: { ...entry, via, role: this.#demoted(entry) }, session }
        : refused("uninvited", entry);
    }
    if (via === "invitation") {
      this.heard(card.host);
    }
    return { as: { ...entry, via, role: this.#role(entry, session) }, session };
  }

  /**
   * The entry policy: of the rendezvous or an acting host, who can only make it
   * stricter, or of the meeting's host itself (`byHost`), which holds: its
   * statement in an epoch, what is kept of that, or its own hand.
   * Who is in already must be judged anew when this or the membership key changes.
   */
  setEntry(entry: Entry, byHost: boolean): void {
    if (byHost || entry === "invitation") {
      this.#entry = entry;
    }
  }

  get entry(): Entry {
    return this.#entry;
  }

  /**
   * Whether the host has proved to be invited. From then on it is not refused for
   * its proof, which may be of a newer invitation than one has heard of; nor has it
   * a host's rights with one that does not hold.
   */
  get hostProved(): boolean {
    return this.#hostProved;
  }

  setMembership(member: MembershipKey | undefined): void {
    this.#member = member;
  }

  /** A welcome names this identity as the host. */
  heard(host: string): void {
    if (host !== this.#host) {
      this.#alarm("other-host", host, "");
    }
  }

  /** What else was noticed since the last call; the newest are dropped past a bound. */
  alarms(): readonly Alarm[] {
    const all = this.#alarms;
    this.#alarms = [];
    return all;
  }

  #see(id: string, at: number): void {
    this.#cards.delete(id);
    this.#cards.set(id, at);
    if (this.#cards.size > maxCards) {
      const [oldest = ""] = this.#cards.keys();
      this.#cards.delete(oldest);
    }
  }

  /** Who has no secret cannot check a proof, but sees that there is none. */
  #via(entry: Participant, { proved, card }: Session): Participant["via"] {
    if (this.#member !== undefined) {
      return proved ? "invitation" : "password";
    }
    return card.proof === undefined ? "password" : entry.via;
  }

  #role(entry: Participant, session: Session): Participant["role"] {
    const { id, role, presence } = entry;
    if (id === this.#host) {
      this.#hostUnproved = session.card.proof === undefined;
    }
    if (role === "participant") {
      return role;
    }
    if (role === "host" && id !== this.#host) {
      this.#alarm("other-host", id, presence.name);
      return "participant";
    }
    const unproved = this.#member !== undefined && !session.proved && !this.#hostUnproved;
    return unproved ? this.#demoted(entry) : role;
  }

  /** A role demands what this one has not proved. */
  #demoted({ id, role, presence }: Participant): Participant["role"] {
    if (role !== "participant") {
      this.#alarm("unproved-role", id, presence.name);
    }
    return "participant";
  }

  #alarm(code: AlarmCode, id: string, name: string): void {
    if (this.#alarms.length < maxAlarms) {
      this.#alarms.push({ code, id, name });
    }
  }
}

function refused(code: AlarmCode, { id, presence }: Participant): Verdict {
  return { refused: { code, id, name: presence.name } };
}
