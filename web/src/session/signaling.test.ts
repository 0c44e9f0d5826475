import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { backoff } from "./backoff";
import {
  ackAfter,
  ackDue,
  acknowledged,
  arrived,
  fresh,
  type Kept,
  maxUnacked,
  push,
  restarted,
  type Sequence,
  told,
} from "./sequence";

function pushed(s: Sequence<string>, frame: string): readonly [Sequence<string>, Kept<string>] {
  const result = push(s, frame);
  if (result === undefined) {
    throw new Error("full");
  }
  return result;
}

describe("sequence numbers", () => {
  /** What a receiver that counts has taken, however often the connection is lost in between. */
  test("nothing is lost and nothing comes twice over any losses", () => {
    const act = fc.oneof(
      fc.record({ act: fc.constant("send" as const), arrives: fc.boolean() }),
      fc.record({ act: fc.constant("ack" as const), arrives: fc.boolean() }),
      fc.record({ act: fc.constant("resume" as const), arrives: fc.constant(true) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
        let sender = fresh<string>();
        let receiver = fresh<string>();
        let broken = false;
        const sent: string[] = [];
        const got: string[] = [];
        const take = ({ seq, frame }: Kept<string>) => {
          const [next, arrival] = arrived(receiver, seq);
          receiver = next;
          expect(arrival).not.toBe("gap");
          arrival === "next" && got.push(frame);
        };
        for (const { act, arrives } of [...acts, { act: "resume" as const, arrives: true }]) {
          if (act === "send") {
            const frame = `frame ${sent.length}`;
            const [next, kept] = pushed(sender, frame);
            sender = next;
            sent.push(frame);
            // Once one is lost nothing arrives until the session is taken up again.
            broken ||= !arrives;
            broken || take(kept);
          } else if (act === "ack" && arrives) {
            sender = acknowledged(sender, receiver.received);
          } else if (act === "resume") {
            sender = acknowledged(sender, receiver.received);
            sender.unacked.forEach(take);
            broken = false;
          }
        }
        expect(got).toEqual(sent);
      }),
    );
  });

  test("a hole is told from a repetition", () => {
    const [s] = arrived(fresh(), 1);
    expect(arrived(s, 1)[1]).toBe("duplicate");
    expect(arrived(s, 2)[1]).toBe("next");
    expect(arrived(s, 3)).toEqual([s, "gap"]);
  });

  // A rendezvous that is away for long must not fill the page's memory.
  test("no more wait than the rendezvous takes back", () => {
    let s = fresh<string>();
    for (let i = 0; i < maxUnacked; i++) {
      [s] = pushed(s, "x");
    }
    expect(push(s, "one too many")).toBeUndefined();
  });

  test("a number from the future acknowledges nothing", () => {
    const [s] = pushed(fresh(), "x");
    expect(acknowledged(s, 7)).toBe(s);
  });

  test("an acknowledgement is due now and then, and once told no more", () => {
    let s = fresh<string>();
    for (let seq = 1; seq <= ackAfter; seq++) {
      expect(ackDue(s)).toBe(false);
      [s] = arrived(s, seq);
    }
    expect(ackDue(s)).toBe(true);
    expect(ackDue(told(s))).toBe(false);
  });

  test("after a restart what still matters goes out again, numbered anew", () => {
    let s = fresh<string>();
    for (const frame of ["signal to Bob", "presence", "signal to Cy"]) {
      [s] = pushed(s, frame);
    }
    [s] = arrived(s, 1);
    expect(restarted(s, (frame) => frame.startsWith("signal"))).toEqual({
      sent: 2,
      unacked: [
        { seq: 1, frame: "signal to Bob" },
        { seq: 2, frame: "signal to Cy" },
      ],
      received: 0,
      told: 0,
    });
  });
});

describe("coming back", () => {
  test("is tried at once, then less and less often, never less than every eight seconds", () => {
    expect(backoff(0, 1)).toBe(0);
    expect([1, 2, 3].map((n) => backoff(n, 1))).toEqual([250, 500, 1000]);
    expect(backoff(1000, 1)).toBe(8000);
  });

  test("is spread over time", () => {
    expect(backoff(5, 0)).toBe(2000);
    expect(backoff(5, 1)).toBe(4000);
  });
});
