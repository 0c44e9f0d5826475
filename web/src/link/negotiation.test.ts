import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Action,
  begin,
  graceMillis,
  type Ice,
  type Input,
  maxAttempts,
  type Negotiation,
  openMillis,
  retryMillis,
  type Side,
  step,
} from "./negotiation";

/** Feeds inputs in turn, each at its time; gives the last state and everything that was to be done. */
function play(side: Side, inputs: readonly (readonly [number, Input])[]) {
  let state: Negotiation = begin(side, 0);
  const done: Action[] = [];
  for (const [at, input] of inputs) {
    const [next, actions] = step(state, input, at);
    state = next;
    done.push(...actions);
  }
  return { state, done };
}

const ice = (state: Ice): Input => ({ type: "ice", state });
const offered = [
  [0, { type: "open" }],
  [10, { type: "answer", generation: 0 }],
  [20, ice("connected")],
] as const;

test("an offerer offers once, takes one answer, and is still", () => {
  const { state, done } = play("offerer", [
    ...offered,
    [30, { type: "open" }],
    [30, { type: "answer", generation: 0 }],
    [30, { type: "tick" }],
    [99_999, { type: "tick" }],
  ]);
  expect(done).toEqual([{ do: "offer", generation: 0 }, { do: "take" }]);
  expect(state).toMatchObject({ connected: true, brokenAt: undefined, deadline: undefined });
});

// A rendezvous that was restarted brings frames again: they must not tear a link.
test("what comes twice, late or for the other side changes nothing", () => {
  const once = play("answerer", [[0, { type: "offer", generation: 1 }]]);
  const more = play("answerer", [
    [0, { type: "offer", generation: 1 }],
    [1, { type: "offer", generation: 1 }],
    [2, { type: "offer", generation: 0 }],
    [3, { type: "answer", generation: 1 }],
    [4, { type: "restart" }],
    [5, { type: "open" }],
    [6, { type: "candidates", generation: 0 }],
  ]);
  expect(more.state).toEqual(once.state);
  expect(more.done).toEqual(once.done);
});

test("candidates are taken in their generation alone, and not before its answer", () => {
  const taken = play("offerer", [
    [0, { type: "open" }],
    [1, { type: "candidates", generation: 0 }],
    [2, { type: "answer", generation: 0 }],
    [3, { type: "candidates", generation: 0 }],
    [4, { type: "candidates", generation: 1 }],
  ]);
  expect(taken.done).toEqual([{ do: "offer", generation: 0 }, { do: "take" }, { do: "take" }]);
});

describe("a broken connection", () => {
  test("is given a moment to heal by itself", () => {
    const healed = play("offerer", [
      ...offered,
      [1000, ice("disconnected")],
      [1000 + graceMillis - 1, { type: "tick" }],
      [1000 + graceMillis, ice("connected")],
      [99_999, { type: "tick" }],
    ]);
    expect(healed.done).toHaveLength(2);
  });

  test("is restarted by the offerer, with the next generation", () => {
    const { done } = play("offerer", [
      ...offered,
      [1000, ice("disconnected")],
      [1000 + graceMillis, { type: "tick" }],
    ]);
    expect(done.at(-1)).toEqual({ do: "offer", generation: 1 });
  });

  test("is told to the offerer by the other end", () => {
    const { done } = play("answerer", [
      [0, { type: "offer", generation: 0 }],
      [10, ice("connected")],
      [1000, ice("failed")],
    ]);
    expect(done.at(-1)).toEqual({ do: "ask" });
  });

  test("is not waited for when this machine's network changed", () => {
    const { done } = play("offerer", [...offered, [1000, { type: "doubt" }]]);
    expect(done.at(-1)).toEqual({ do: "offer", generation: 1 });
  });

  test("is made anew when restarts do not help", () => {
    let state = play("offerer", [...offered, [1000, ice("failed")]]).state;
    const done: Action[] = [];
    for (let at = 1000; at < 1000 + retryMillis * 2 ** (maxAttempts + 1); at += 250) {
      const [next, actions] = step(state, { type: "tick" }, at);
      state = next;
      done.push(...actions);
    }
    expect(done.filter((action) => action.do === "offer")).toHaveLength(maxAttempts - 1);
    expect(done.at(-1)).toEqual({ do: "remake" });
    expect(state.deadline).toBeUndefined();
  });
});

describe("what the other end asks for", () => {
  test("while it is being mended is nothing more to do", () => {
    const { state, done } = play("offerer", [
      ...offered,
      [5000, ice("failed")],
      [5010, { type: "restart" }],
      [5100, { type: "answer", generation: 1 }],
      [5110, { type: "restart" }],
      [5500, ice("connected")],
      [99_999, { type: "tick" }],
    ]);
    expect(done.slice(2)).toEqual([{ do: "offer", generation: 1 }, { do: "take" }]);
    expect(state.deadline).toBeUndefined();
  });

  test("and an offer does not mend is offered again in its time", () => {
    const { done } = play("offerer", [
      ...offered,
      [5000, ice("failed")],
      [5100, { type: "answer", generation: 1 }],
      [5110, { type: "restart" }],
      [5000 + retryMillis - 1, { type: "tick" }],
      [5000 + retryMillis, { type: "tick" }],
    ]);
    expect(done.slice(4)).toEqual([{ do: "offer", generation: 2 }]);
  });

  // The other end's network can change twice within a second.
  test("soon after this end is connected is done when the last offer had its time", () => {
    const { done } = play("offerer", [
      ...offered,
      [5000, { type: "doubt" }],
      [5100, { type: "answer", generation: 1 }],
      [5200, ice("connected")],
      [6000, { type: "restart" }],
      [5000 + retryMillis - 1, { type: "tick" }],
      [5000 + retryMillis, { type: "tick" }],
    ]);
    expect(done.slice(4)).toEqual([{ do: "offer", generation: 2 }]);
  });

  test("later is done at once, though this end is connected", () => {
    const { done } = play("offerer", [
      ...offered,
      [retryMillis - 1, { type: "restart" }],
      [retryMillis - 1, ice("connected")],
      [9000, { type: "restart" }],
    ]);
    expect(done.slice(2)).toEqual([{ do: "offer", generation: 1 }]);
  });

  // The path healed before the answer, which was lost.
  test("is not ignored for an offer that is never answered", () => {
    const { done } = play("offerer", [
      ...offered,
      [5000, ice("disconnected")],
      [5000 + graceMillis, { type: "tick" }],
      [7100, ice("connected")],
      [20_000, { type: "tick" }],
      [60_000, { type: "restart" }],
      [60_250, { type: "tick" }],
    ]);
    expect(done.slice(2)).toEqual([
      { do: "offer", generation: 1 },
      { do: "offer", generation: 2 },
    ]);
  });
});

describe("what is offered while it is broken", () => {
  test("is not asked for", () => {
    const { done } = play("answerer", [
      [0, { type: "offer", generation: 0 }],
      [10, ice("connected")],
      [5000, ice("disconnected")],
      [5000 + graceMillis - 1, { type: "offer", generation: 1 }],
      [5000 + graceMillis, { type: "tick" }],
      [5000 + graceMillis + retryMillis - 1, { type: "tick" }],
    ]);
    expect(done).toEqual([{ do: "answer" }, { do: "answer" }]);
  });

  test("and does not help is asked for again", () => {
    const { done } = play("answerer", [
      [0, { type: "offer", generation: 0 }],
      [10, ice("connected")],
      [5000, ice("disconnected")],
      [5100, { type: "offer", generation: 1 }],
      [5200, ice("failed")],
      [5300, ice("failed")],
      [5200 + retryMillis, { type: "tick" }],
    ]);
    expect(done).toEqual([{ do: "answer" }, { do: "answer" }, { do: "ask" }]);
  });
});

// A first offer whose answer never comes would leave a tile "connecting" for ever.
test("a link that never connects is tried again", () => {
  const { done } = play("offerer", [
    [0, { type: "open" }],
    [openMillis - 1, { type: "tick" }],
    [openMillis, { type: "tick" }],
  ]);
  expect(done).toEqual([
    { do: "offer", generation: 0 },
    { do: "offer", generation: 1 },
  ]);
});

const inputs = fc.oneof(
  fc.constantFrom<Input>(
    { type: "open" },
    { type: "restart" },
    { type: "doubt" },
    { type: "tick" },
    ...(["new", "checking", "connected", "disconnected", "failed", "closed"] as const).map(ice),
  ),
  fc
    .tuple(fc.constantFrom("offer", "answer", "candidates"), fc.integer({ min: 0, max: 5 }))
    .map(([type, generation]) => ({ type, generation }) as Input),
);

test("whatever comes: generations only rise, one end offers, and only what is pending is answered", () => {
  const side = fc.constantFrom<Side>("offerer", "answerer");
  const timed = fc.array(fc.tuple(fc.integer({ min: 0, max: 9000 }), inputs), { maxLength: 60 });
  fc.assert(
    fc.property(side, timed, (side, steps) => {
      let state = begin(side, 0);
      let now = 0;
      for (const [passed, input] of steps) {
        now += passed;
        const [next, actions] = step(state, input, now);
        expect(next.generation).toBeGreaterThanOrEqual(state.generation);
        expect(next.attempts).toBeLessThanOrEqual(maxAttempts);
        const made = actions.map((action) => action.do);
        const forbidden = side === "offerer" ? ["answer", "ask"] : ["offer", "remake"];
        expect(made.filter((each) => forbidden.includes(each))).toEqual([]);
        state = next;
      }
    }),
  );
});
