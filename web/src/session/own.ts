/**
 * This client's own end of the encryption in one stay: its key, its card, and
 * the mailbox that seals in its name. A new key with every stay, so that no
 * counter ever begins again under it.
 */

import { checkCard, makeCard, type Session } from "../e2ee/card";
import { Mailbox } from "../e2ee/mailbox";
import { MembershipKey } from "../e2ee/membership";
import type { SessionKey } from "../e2ee/sessionkey";
import type { Card } from "../protocol/codec";
import { FormerKeys } from "./former";
import type { Identity } from "./identity";
import type { Former } from "./memory";

/** What lets somebody count as invited: the link's secret, or what the host gave in its place. */
export interface Belonging {
  readonly secret?: string;
  readonly membership?: string;
  /** Of the host: what let others count as invited before. */
  readonly former?: readonly Former[];
}

export interface OwnOptions {
  readonly meetingId: string;
  readonly identity: Identity;
  readonly key: SessionKey;
  /** Whom this client takes for the meeting's host. */
  readonly host: string;
  readonly belonging: Belonging;
  /** The moment of a card that is made now, after that of any before; milliseconds since 1970. */
  readonly at: () => number;
}

export class Own {
  readonly id: string;
  readonly host: string;
  readonly mailbox: Mailbox;
  readonly former: FormerKeys;
  readonly #options: OwnOptions;
  #member: MembershipKey | undefined;
  #session: Session;

  private constructor(
    options: OwnOptions,
    member: MembershipKey | undefined,
    former: FormerKeys,
    session: Session,
  ) {
    const { meetingId: meeting, identity: who, key, host } = options;
    this.id = who.peerId;
    this.host = host;
    this.#options = options;
    this.former = former;
    this.#member = member;
    this.#session = session;
    this.mailbox = new Mailbox({ meeting, who, key, self: session });
  }

  static async begin(options: OwnOptions): Promise<Own> {
    const { meetingId, belonging, identity, host } = options;
    const { membership = "", secret = "", former = [] } = belonging;
    const member =
      (await MembershipKey.of(membership)) ?? (await MembershipKey.ofSecret(secret, meetingId));
    const before = await FormerKeys.of(identity.peerId === host ? former : [], meetingId);
    return new Own(options, member, before, await shown(options, member, options.at()));
  }

  /** With its newest card. */
  get session(): Session {
    return this.#session;
  }
  get card(): Card {
    return this.#session.card;
  }
  get member(): MembershipKey | undefined {
    return this.#member;
  }

  /** Shows another membership from now on: the same key on a new card. */
  async belong(member: MembershipKey): Promise<void> {
    const at = Math.max(this.#options.at(), this.card.at + 1);
    this.#session = await shown(this.#options, member, at);
    this.#member = member;
  }
}

async function shown(
  { meetingId: meeting, identity: who, key, host }: OwnOptions,
  member: MembershipKey | undefined,
  at: number,
): Promise<Session> {
  const card = await makeCard({ meeting, who, key, host, at, member });
  const session = await checkCard(meeting, who.peerId, card, member);
  if (session === undefined) {
    throw new Error("own: a card of one's own does not hold");
  }
  return session;
}
