import fc from "fast-check";
import { expect, test } from "vitest";
import { deadline } from "./deadline";
import { digest } from "./digest";
import type { Event } from "./input";
import { plan, step } from "./room";
import { create } from "./state";

const id = fc.constantFrom("a", "b", "c", "d", "e", "f", "");
const number = fc.constantFrom(1, 2, 3, 4, 5, 1024, 0, -1, 1.5, Number.NaN, 2 ** 53 - 1, 2 ** 53);
const millis = fc.constantFrom(0, 20, 600_000, 600_001, -5, 0.5);
const shape = fc.constantFrom("mesh" as const, "sfu" as const, "serve" as const);
const link = fc.record({ peer: id, session: number, shape });
const topology = fc.constantFrom("mesh" as const, "star" as const, "tree" as const);
const policy = fc.record({ mesh_max: fc.constantFrom(2, 4, 8, 0, 99) });

const participant = fc.record({
  id,
  n: number,
  session: number,
  kind: fc.constantFrom("browser" as const, "node" as const, "helper" as const),
  role: fc.constantFrom("host" as const, "co-host" as const, "participant" as const),
  via: fc.constantFrom("invitation" as const, "password" as const),
  presence: fc.record({
    name: fc.string(),
    mic: fc.boolean(),
    camera: fc.boolean(),
    screen: fc.boolean(),
    hand: fc.boolean(),
  }),
});

const self = participant.map((p) => ({ ...p, id: "a", n: 1, session: 1 }));

const directive = fc.record(
  { term: number, seq: number, topology, sfu: id, standby: id, reason: fc.constant("x") },
  { requiredKeys: ["term", "seq", "topology", "reason"] },
);

const capacity = fc.record({
  uplink_kbps: millis,
  downlink_kbps: fc.constant(9000),
  cores_milli: fc.constant(4000),
  reachable: fc.boolean(),
  willing: fc.boolean(),
  rtts: fc.array(fc.record({ to: id, millis }), { maxLength: 3 }),
  loss_mille: fc.constantFrom(0, 99, 100, 1000, 1001, -1, 0.5),
});

const of = <T extends string>(type: T) => fc.constant(type);

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    type: of("welcome"),
    self: fc.oneof(self, participant),
    roster: fc.array(participant, { maxLength: 5 }),
    policy,
    resumed: fc.boolean(),
    waiting: fc.boolean(),
  }),
  fc.tuple(self, fc.array(participant, { maxLength: 5 })).map(([p, others]): Event => {
    return { type: "welcome", self: p, roster: [p, ...others], policy: { mesh_max: 4 } };
  }),
  fc.record({ type: of("joined"), participant }),
  fc.record({ type: of("updated"), participant }),
  fc.record({
    type: of("left"),
    id,
    why: fc.constantFrom("left" as const, "lost" as const, "removed" as const, "ended" as const),
  }),
  fc.record({ type: of("policy"), policy }),
  fc.record({ type: of("said"), from: id, directive }),
  fc.record({ type: of("advert"), from: id, capacity }),
  fc.record({ type: of("link-up"), link }),
  fc.record({ type: of("link-carrying"), link }),
  fc.record({ type: of("link-down"), link }),
  fc.record({ type: of("link-asked"), link, asked: fc.boolean() }),
  fc.record({ type: of("link-measured"), link, millis }),
  fc.record({ type: of("heard"), via: id, peers: fc.array(id, { maxLength: 4 }) }),
  fc.record({ type: of("choose"), topology, sfu: id, standby: id }),
  fc.constant({ type: "choose" as const }),
  fc.constant({ type: "clock" as const }),
);

const at = fc.constantFrom(1, 400, 5000, 31_000, 90_000, 0, -1, 0.5, Number.NaN, 2 ** 53);

// Guards that nothing that arrives can throw, or change a state that a view still holds.
test("step is total, and changes no state that was handed out", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(at, event), { maxLength: 50 }), (inputs) => {
      let state = create("a");
      for (const [wait, e] of inputs) {
        const before = digest(state);
        const next = step(state, { at: state.now + wait, event: e });
        expect(digest(state)).toBe(before);
        if (next.outcome.refused !== undefined) {
          expect(next.state).toBe(state);
        }
        expect(deadline(next.state) ?? next.state.now + 1).toBeGreaterThan(next.state.now);
        const wanted = plan(next.state).filter((l) => !l.draining);
        expect(new Set(wanted.map((l) => l.peer)).size).toBe(wanted.length);
        state = next.state;
      }
    }),
    { numRuns: 300 },
  );
});

test("an event of another sort is refused", () => {
  const garbage = JSON.parse('{ "type": "applause" }') as Event;
  const { state, outcome } = step(create("a"), { at: 1, event: garbage });
  expect(outcome.refused).toBe("unknown-event");
  expect(state.phase).toBe("outside");
});
