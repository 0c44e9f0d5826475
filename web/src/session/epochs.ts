/**
 * The epochs of a stay: begins them while this client has the chair, takes
 * those that others hand on, and keeps the ring's clock. Tells as signals what
 * is held and what is in use; whom to hand which to is the post's business.
 */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Entry } from "../e2ee/doorkeeper";
import type { Epoch } from "../e2ee/epoch";
import { Ring } from "../e2ee/ring";
import type { Grant } from "../protocol/codec";
import type { Identity } from "./identity";
import { randomBytes } from "./random";

export interface EpochsOptions {
  readonly meetingId: string;
  readonly identity: Identity;
  /** The session that a statement is made in, and its number there. */
  readonly numbered: () => { readonly session: number; readonly seq: number };
  readonly entry: () => Entry;
  readonly isMember: (id: string) => boolean;
  /** There is a new one of one's own: everybody accepted is to have it. */
  readonly begun: () => void;
  /** What the acting host says about who may come in, and who that is. */
  readonly stated: (entry: Entry, by: string) => void;
  /** Somebody was removed, and no epoch came that they have not. */
  readonly overdue: () => void;
}

/** How often who has the chair looks whether another is due. */
const chairMillis = 60_000;
/** Between two, however many are sent away at once. */
const leastMillis = 250;
/** Between two because of another's, and twice that for each one before. */
const contestMillis = 5_000;
const maxContests = 7;
const longestMillis = 60 * 60_000;
/** How long before a removal is heard of, and after it, the next epoch may come. */
const dueMillis = { before: 5_000, after: 10_000 } as const;

export class Epochs {
  readonly ring: Ring;
  readonly #options: EpochsOptions;
  readonly #inUse = signal<Epoch | undefined>(undefined);
  readonly #held = signal<readonly Epoch[]>([]);
  #chair: string | undefined;
  #stated: Epoch | undefined;
  #beginning = false;
  #again = false;
  /** Epochs in a row that were begun because of another's. */
  #contests = 0;
  #contest: ReturnType<typeof setTimeout> | undefined;
  #ended = false;
  /** The newest, and since when it is that. */
  #newest: { readonly epoch: Epoch | undefined; readonly since: number } | undefined;
  #due: ReturnType<typeof setTimeout> | undefined;
  /** When the last removal was heard of. */
  #removedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: EpochsOptions) {
    this.#options = options;
    this.ring = new Ring(options.meetingId);
  }

  /** What is said and sent now is sealed in this one; undefined before there is any. */
  get inUse(): ReadonlySignal<Epoch | undefined> {
    return this.#inUse;
  }

  /** What may still arrive is sealed in one of these. */
  get held(): ReadonlySignal<readonly Epoch[]> {
    return this.#held;
  }

  /** What a newcomer needs: the one in use, and the next. */
  get current(): readonly Epoch[] {
    return this.ring.current(Date.now());
  }

  /** Who has the chair as this client sees it. */
  setChair(id: string | undefined): void {
    if (id === this.#chair) {
      return;
    }
    this.#chair = id;
    this.#contests = 0;
    this.ring.setChair(Date.now(), id);
    this.#look();
    this.renew();
  }

  /** Nobody who was removed, and nobody but the accepted, is to read what follows. */
  renew(): void {
    if (this.#chair === this.#options.identity.peerId && !this.#ended) {
      void this.#begin();
    }
  }

  /** Somebody was removed: another one is begun, here or by who has the chair. */
  removed(): void {
    this.renew();
    this.#removedAt = Date.now();
    this.#due ?? this.#await(this.#removedAt);
  }

  /** Of a grant; rejects with Refused. */
  async take(grant: Grant): Promise<Epoch> {
    const epoch = await this.ring.take(Date.now(), grant, this.#options.isMember);
    this.#look();
    return epoch;
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#contest);
    clearTimeout(this.#due);
    this.#inUse.value = undefined;
    this.#held.value = [];
    for (const epoch of this.ring.held) {
      epoch.erase();
    }
  }

  /** One after the other: a second reason while one is being made is a reason for another. */
  async #begin(): Promise<void> {
    this.#again = true;
    if (this.#beginning) {
      return;
    }
    this.#beginning = true;
    const { identity: who, numbered, entry, begun } = this.#options;
    while (this.#again && !this.#ended) {
      this.#again = false;
      const key = randomBytes(32);
      await this.ring.begin(Date.now(), { who, ...numbered(), entry: entry(), key });
      key.fill(0);
      this.#look();
      begun();
      await new Promise((resolve) => setTimeout(resolve, leastMillis));
    }
    this.#beginning = false;
  }

  /** However many are removed meanwhile, and then for the last of them. */
  #await(removedAt: number): void {
    const wait = removedAt + dueMillis.after - Date.now();
    this.#due = setTimeout(() => {
      this.#due = undefined;
      (this.#newest?.since ?? 0) < removedAt - dueMillis.before && this.#options.overdue();
      this.#removedAt > removedAt && this.#await(this.#removedAt);
    }, wait);
  }

  #look(): void {
    if (this.#ended) {
      return;
    }
    const now = Date.now();
    this.#inUse.value = this.ring.inUse(now);
    const held = this.ring.held;
    const before = this.#held.peek();
    if (held.length !== before.length || held.some((epoch, i) => epoch !== before[i])) {
      this.#held.value = held;
    }
    const { newest } = this.ring;
    if (newest !== this.#newest?.epoch) {
      this.#newest = { epoch: newest, since: now };
    }
    if (newest !== undefined && newest.by === this.#chair && newest !== this.#stated) {
      this.#stated = newest;
      this.#options.stated(newest.entry, newest.by);
    }
    this.#meetContest();
    this.#wind(now);
  }

  /**
   * Another holds that it has the chair, and began an epoch since: after a
   * partition nobody may be left behind in that one.
   */
  #meetContest(): void {
    const { newest, held } = this.ring;
    const self = this.#options.identity.peerId;
    const contested =
      this.#chair === self &&
      newest?.by === self &&
      held.some(({ by, number }) => by !== self && number > newest.number);
    if (!contested) {
      clearTimeout(this.#contest);
      this.#contest = undefined;
    } else if (this.#contest === undefined) {
      const wait = contestMillis * 2 ** Math.min(this.#contests, maxContests);
      this.#contests++;
      this.#contest = setTimeout(() => {
        this.#contest = undefined;
        this.renew();
      }, wait);
    }
  }

  #wind(now: number): void {
    clearTimeout(this.#timer);
    const self = this.#options.identity.peerId;
    const chairs = this.#chair === self;
    const wait = Math.max(0, this.ring.deadline() - now);
    const look = () => {
      this.#look();
      chairs && this.ring.isDue(Date.now(), self) && this.renew();
    };
    this.#timer = setTimeout(look, Math.min(wait, chairs ? chairMillis : longestMillis));
  }
}
