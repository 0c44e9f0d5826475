/**
 * The epochs that are held, and which of them is in use for sending. Its clock
 * is its caller's: times are milliseconds since 1970, and `deadline` says when
 * `tick` has something to do.
 */
import type { Bytes } from "../protocol/bytes";
import type { Grant } from "../protocol/messages.gen";
import type { Signer } from "./card";
import { Epoch } from "./epoch";
import { hex } from "./fields";
import { Refused } from "./refused";

/** How many epochs are held at once. */
export const maxHeld = 8;
/** After this long the acting host begins another. */
export const epochLifeMillis = 15 * 60_000;
/** A change is used for sending when everybody has had time to hear of it. */
const settleMillis = 250;
/** What was sealed before a change is still on its way this long. */
const lingerMillis = 10_000;
/** A number further ahead of the clock is nobody's: it must not use up what numbers there are. */
const aheadMillis = 24 * 3600_000;
/** Erased ones that are not taken again. */
const maxErased = 256;

interface Held {
  readonly epoch: Epoch;
  /** Since when it is known here. */
  readonly since: number;
  /** Since when it is neither in use nor next. */
  idle: number;
}

export interface Begin {
  readonly who: Signer;
  readonly session: number;
  readonly seq: number;
  readonly entry: Epoch["entry"];
  /** 32 random bytes, used for nothing else. */
  readonly key: Bytes;
}

export class Ring {
  readonly #meeting: string;
  #held: Held[] = [];
  #chair: string | undefined;
  #used: Held | undefined;
  #next: Held | undefined;
  #switchAt = Number.POSITIVE_INFINITY;
  #highest = 0;
  readonly #erased = new Set<string>();

  constructor(meeting: string) {
    this.#meeting = meeting;
  }

  /** A new epoch of this client's, which has the chair; hand its grant to every accepted session but helpers. */
  async begin(now: number, { key, ...begin }: Begin): Promise<Epoch> {
    const number = Math.max(now, this.#highest + 1);
    this.#highest = number;
    const epoch = await Epoch.begin({ meeting: this.#meeting, number, key, ...begin });
    this.#hold(now, epoch);
    return epoch;
  }

  /**
   * The epoch of a grant, the same when it is held already. `isMember` tells who
   * is or was an accepted member, no helper. Rejects with Refused: `forged`
   * when it is not its author's, `no-epoch` for one of nobody's here, who may have
   * left before this client came, and for one that was erased.
   */
  async take(now: number, grant: Grant, isMember: (id: string) => boolean): Promise<Epoch> {
    const epoch = await Epoch.of(this.#meeting, grant);
    if (!isMember(epoch.by)) {
      epoch.erase();
      throw new Refused("no-epoch");
    }
    const before = this.#held.find((held) => held.epoch.name === epoch.name);
    if (before !== undefined) {
      epoch.erase();
      return before.epoch;
    }
    if (this.#erased.has(epoch.name)) {
      epoch.erase();
      throw new Refused("no-epoch");
    }
    this.#hold(now, epoch);
    return epoch;
  }

  /** Who has the chair in this client's view: its newest epoch is the one to use. */
  setChair(now: number, id: string | undefined): void {
    this.tick(now);
    this.#chair = id;
    this.#choose(now);
  }

  /** What to seal with now; undefined before there is any: then nothing is sent. */
  inUse(now: number): Epoch | undefined {
    this.tick(now);
    return this.#used?.epoch;
  }

  /** What is in use, and what will be: for a newcomer, who gets both. */
  current(now: number): readonly Epoch[] {
    const both = [this.inUse(now), this.#next?.epoch];
    return both.filter((epoch, at) => epoch !== undefined && both.indexOf(epoch) === at) as Epoch[];
  }

  /** The one that is in use, or is about to be. */
  get newest(): Epoch | undefined {
    return this.#next?.epoch;
  }

  get held(): readonly Epoch[] {
    return this.#held.map(({ epoch }) => epoch);
  }

  find(id: Uint8Array): Epoch | undefined {
    return this.#held.find(({ epoch }) => epoch.isId(id))?.epoch;
  }

  /** Whether `self`, who has the chair, must begin one: it has none of its own, or an old one. */
  isDue(now: number, self: string): boolean {
    const own = this.#newestBy(self);
    return own === undefined || now - own.since >= epochLifeMillis;
  }

  /** When `tick` has something to do; infinite for never. */
  deadline(): number {
    const ends = this.#held
      .filter((held) => this.#isIdle(held))
      .map(({ idle }) => idle + lingerMillis);
    return Math.min(this.#switchAt, ...ends);
  }

  /** Changes what is in use, and erases what was long enough. */
  tick(now: number): void {
    if (now >= this.#switchAt) {
      this.#switch(this.#switchAt);
    }
    for (const held of this.#held.filter((one) => this.#isIdle(one))) {
      if (now - held.idle >= lingerMillis) {
        this.#erase(held);
      }
    }
  }

  #hold(now: number, epoch: Epoch): void {
    this.tick(now);
    if (epoch.number <= now + aheadMillis) {
      this.#highest = Math.max(this.#highest, epoch.number);
    }
    this.#held.push({ epoch, since: now, idle: now });
    this.#choose(now);
    if (this.#held.length > maxHeld) {
      const idle = this.#held.filter((held) => this.#isIdle(held));
      const lowest = idle.reduce((a, b) => (isNewer(a.epoch, b.epoch) ? b : a));
      this.#erase(lowest);
    }
  }

  /** The acting host's newest, else the newest. */
  #choose(now: number): void {
    const best = this.#newestBy(this.#chair) ?? this.#newestBy();
    if (best === this.#next) {
      return;
    }
    if (this.#next !== undefined && this.#next !== this.#used) {
      this.#next.idle = now;
    }
    this.#next = best;
    if (best === this.#used) {
      this.#switchAt = Number.POSITIVE_INFINITY;
    } else if (this.#used === undefined) {
      this.#switch(now);
    } else {
      this.#switchAt = now + settleMillis;
    }
  }

  #switch(at: number): void {
    if (this.#used !== undefined) {
      this.#used.idle = at;
    }
    this.#used = this.#next;
    this.#switchAt = Number.POSITIVE_INFINITY;
  }

  #newestBy(id?: string): Held | undefined {
    let best: Held | undefined;
    for (const held of this.#held) {
      const { epoch } = held;
      const counts = id === undefined || epoch.by === id;
      if (counts && (best === undefined || isNewer(epoch, best.epoch))) {
        best = held;
      }
    }
    return best;
  }

  #isIdle(held: Held): boolean {
    return held !== this.#used && held !== this.#next;
  }

  #erase(held: Held): void {
    held.epoch.erase();
    this.#held = this.#held.filter((one) => one !== held);
    this.#erased.add(held.epoch.name);
    if (this.#erased.size > maxErased) {
      const [oldest = ""] = this.#erased;
      this.#erased.delete(oldest);
    }
  }
}

/** The same everywhere, whichever came first. */
function isNewer(a: Epoch, b: Epoch): boolean {
  return a.number === b.number ? hex(a.commit) > hex(b.commit) : a.number > b.number;
}
