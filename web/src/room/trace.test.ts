import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { deadline } from "./deadline";
import { digest } from "./digest";
import type { Input } from "./input";
import type { PlannedLink } from "./link";
import { plan, step } from "./room";
import { create } from "./state";

interface Recorded {
  /** The participant begins anew, as after a reload. */
  readonly fresh?: boolean;
  readonly input: Input;
  readonly refused?: string;
  readonly held?: string;
  readonly notices?: readonly unknown[];
  readonly actions?: readonly unknown[];
  readonly deadline: number;
  readonly digest: number;
  readonly plan?: string;
}

interface Trace {
  readonly self: string;
  readonly steps: readonly Recorded[];
}

const folder = fileURLToPath(new URL("../../../pkg/room/testdata/traces/", import.meta.url));

/** FNV-1a, 32 bits, of ASCII text. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  }
  return h >>> 0;
}

function describePlan(links: readonly PlannedLink[]): string {
  return links
    .map((l) => {
      const marks = `${l.offer ? " offer" : ""}${l.waits ? " waits" : ""}${l.draining ? " draining" : ""}${l.quiet ? " quiet" : ""}`;
      return `${l.peer}/${l.session} ${l.shape} ${l.purpose} +${l.extra.audio}/${l.extra.video}${marks}`;
    })
    .join("; ");
}

/** What a step came to, without the members that are absent when there is nothing to tell. */
function told(r: Pick<Recorded, "refused" | "held" | "notices" | "actions">) {
  return {
    refused: r.refused ?? "",
    held: r.held ?? "",
    notices: r.notices ?? [],
    actions: r.actions ?? [],
  };
}

describe("traces recorded from Go's simulator", () => {
  // Guards the one thing that must never happen: two clients of one room that
  // draw different conclusions from the same news.
  test.each(readdirSync(folder))("%s", (name) => {
    const trace = JSON.parse(readFileSync(folder + name, "utf8")) as Trace;
    let state = create(trace.self);
    let planned = "";
    expect(trace.steps.length).toBeGreaterThan(50);
    trace.steps.forEach((recorded, i) => {
      const next = step(recorded.fresh ? create(trace.self) : state, recorded.input);
      state = next.state;
      planned = recorded.plan ?? planned;
      const at = `step ${i}, ${recorded.input.event.type}`;
      expect(told(next.outcome), at).toEqual(told(recorded));
      expect(describePlan(plan(state)), at).toBe(planned);
      expect(deadline(state) ?? 0, at).toBe(recorded.deadline);
      expect(hash(digest(state)), `${at}: ${digest(state)}`).toBe(recorded.digest);
    });
  });
});
