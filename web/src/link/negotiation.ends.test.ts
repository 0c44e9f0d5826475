/**
 * Two of these machines with a path and a rendezvous between them, which
 * node/link/negotiationends_test.go has too. The path breaks, and is mended by
 * whichever offer is answered once it can be.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Action,
  begin,
  type Ice,
  type Input,
  maxAttempts,
  type Negotiation,
  retryMillis,
  type Side,
  step,
} from "./negotiation";

const beatMillis = 250;
const stepMillis = 25;
/** What ICE cannot connect fails. */
const checksMillis = 5_000;

class End {
  readonly side: Side;
  /** When its heart beats, within `beatMillis`. */
  readonly beatsAt: number;
  machine: Negotiation;
  ice: Ice = "new";
  becomes: { readonly ice: Ice; readonly at: number } | undefined;
  /** In order. */
  readonly inbox: { readonly says: Input; readonly at: number }[] = [];

  constructor(side: Side, beatsAt: number) {
    this.side = side;
    this.beatsAt = beatsAt;
    this.machine = begin(side, 0);
  }

  get well(): boolean {
    return this.machine.connected && this.machine.brokenAt === undefined;
  }
}

class Simulation {
  now = 0;
  readonly offerer: End;
  readonly answerer: End;
  /** No offer mends the path before. */
  healsAt = 0;
  offers: number[] = [];
  asks: number[] = [];
  /** Requests that did. */
  arrived: number[] = [];
  /** The offerer's path. */
  joined: number[] = [];
  remade = false;
  travels: () => number | "lost" = () => 0;
  readonly #connects: () => number;

  constructor(gen: fc.GeneratorValue) {
    const beats = () => drawTime(gen, beatMillis - stepMillis);
    this.offerer = new End("offerer", beats());
    this.answerer = new End("answerer", beats());
    this.#connects = () => drawTime(gen, 500);
  }

  get well(): boolean {
    return this.offerer.well && this.answerer.well;
  }
  get idle(): boolean {
    const machines = [this.offerer.machine, this.answerer.machine];
    return machines.every(({ pending, deadline }) => !pending && deadline === undefined);
  }

  /** Has signals take up to `most`, and get lost by a drawn pattern that ends. */
  drawTravel(gen: fc.GeneratorValue, most: number, losses: number): void {
    const lost = [...gen(fc.array, fc.boolean(), { maxLength: losses })];
    this.travels = () => (lost.shift() === true ? "lost" : drawTime(gen, most));
  }

  /** Has both ends notice within so much of each other. */
  breaks(gen: fc.GeneratorValue, within: number): void {
    const ice = gen(fc.constantFrom<Ice[]>, "disconnected", "failed");
    for (const end of [this.offerer, this.answerer]) {
      end.becomes = { ice, at: this.now + drawTime(gen, within) };
    }
  }

  feed(end: End, input: Input): void {
    const [machine, actions] = step(end.machine, input, this.now);
    end.machine = machine;
    for (const action of actions) {
      this.#do(end, action);
    }
  }

  /** Plays until a time, and calls `each` after every step. */
  run(until: number, each: () => void = () => {}): void {
    for (; this.now < until && !this.remade; this.now += stepMillis) {
      for (const end of [this.offerer, this.answerer]) {
        this.#turn(end);
      }
      each();
    }
  }

  #turn(end: End): void {
    if (end.becomes !== undefined && this.now >= end.becomes.at) {
      end.ice = end.becomes.ice;
      end.becomes = undefined;
      if (end === this.offerer && end.ice === "connected") {
        this.joined.push(this.now);
      }
      this.feed(end, { type: "ice", state: end.ice });
    }
    for (let next = end.inbox[0]; next !== undefined && this.now >= next.at; next = end.inbox[0]) {
      end.inbox.shift();
      if (next.says.type === "restart") {
        this.arrived.push(this.now);
      }
      this.feed(end, next.says);
    }
    if (this.now % beatMillis === end.beatsAt) {
      if (end.machine.brokenAt !== undefined && !end.machine.pending) {
        this.feed(end, { type: "ice", state: end.ice });
      }
      this.feed(end, { type: "tick" });
    }
  }

  #send(to: End, says: Input): void {
    const travels = this.travels();
    if (travels !== "lost") {
      to.inbox.push({ says, at: Math.max(this.now + travels, to.inbox.at(-1)?.at ?? 0) });
    }
  }

  #do(end: End, action: Action): void {
    const { generation } = end.machine;
    const fails = { ice: "failed", at: this.now + checksMillis } as const;
    switch (action.do) {
      case "offer":
        this.offers.push(this.now);
        this.#send(this.answerer, { type: "offer", generation });
        break;
      case "ask":
        this.asks.push(this.now);
        this.#send(this.offerer, { type: "restart" });
        break;
      case "answer":
        end.ice = "checking";
        end.becomes = fails;
        this.#send(this.offerer, { type: "answer", generation });
        break;
      case "take":
        end.ice = "checking";
        end.becomes = fails;
        if (this.now >= this.healsAt) {
          for (const each of [this.offerer, this.answerer]) {
            each.becomes = { ice: "connected", at: this.now + this.#connects() };
          }
        }
        break;
      case "remake":
        this.remade = true;
        break;
    }
  }
}

const drawTime = (gen: fc.GeneratorValue, most: number): number =>
  stepMillis * gen(fc.integer, { min: 0, max: most / stepMillis });

const last = (times: readonly number[]): number => times.at(-1) ?? -1;

// A request for what the offer on its way mends anyway caused one more, useless
// offer, and with it a second restart of what had just been mended.
test("what both ends notice at once is mended by one offer", () => {
  fc.assert(
    fc.property(fc.gen(), fc.boolean(), (gen, lost) => {
      const s = new Simulation(gen);
      if (lost) {
        s.travels = () => "lost";
      }
      s.feed(s.offerer, { type: "open" });
      s.drawTravel(gen, 1_000, 0);
      if (!lost) {
        s.run(8_000);
        expect(s.well).toBe(true);
        s.breaks(gen, 1_000);
      }
      s.run(60_000);
      expect(s).toMatchObject({ well: true, idle: true, remade: false });
      expect(s.offerer.machine.generation).toBe(1);
      expect(s.offers).toHaveLength(2);
    }),
  );
});

// A request that is not followed at once, and whatever is lost, must not leave a
// broken link to itself.
test("what is broken is tried again, whatever is lost", () => {
  fc.assert(
    fc.property(fc.gen(), fc.constantFrom("both", "answerer", "doubt"), (gen, noticed) => {
      const s = new Simulation(gen);
      s.feed(s.offerer, { type: "open" });
      s.run(drawTime(gen, 10_000));
      s.drawTravel(gen, 2_000, 6);
      s.healsAt = s.now + drawTime(gen, 60_000);
      if (noticed === "both") {
        s.breaks(gen, 1_000);
      } else if (noticed === "answerer") {
        s.answerer.becomes = { ice: "failed", at: s.now }; // the offerer believes in its path
      } else {
        s.feed(s.answerer, { type: "doubt" });
      }
      const longest = retryMillis * 2 ** maxAttempts;
      let brokenAt = s.now;
      s.run(s.now + 300_000, () => {
        if (s.well) {
          brokenAt = s.now;
          return;
        }
        const tried = Math.max(brokenAt, last(s.offers), last(s.asks));
        const tooLate = s.now > tried + longest + 2 * beatMillis;
        // One that came before the offerer was connected is about what is mended.
        const asked = last(s.arrived);
        const followed = asked <= Math.max(brokenAt, last(s.offers), last(s.joined));
        const ignored = !followed && s.now > asked + longest / 2 + 2 * beatMillis;
        if (tooLate || ignored) {
          throw new Error(`nothing is tried from ${tried} to ${s.now}`);
        }
      });
      expect(s.remade || s.well).toBe(true);
    }),
  );
});
