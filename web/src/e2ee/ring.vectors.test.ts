// Guards against Go and TypeScript drifting apart about who seals with what and
// when: this replays the ring's vectors of pkg/e2ee.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Grant } from "../protocol/messages.gen";
import type { Epoch } from "./epoch";
import { whyOf } from "./fixture";
import { Ring } from "./ring";

/** One of take and chair, or time alone, and what follows. Times count from `start`. */
interface Step {
  readonly at: number;
  readonly take?: string;
  readonly fault?: string;
  readonly chair?: string;
  readonly in_use?: string;
  readonly newest?: string;
  readonly held: readonly string[];
  readonly deadline?: number;
}

interface RingVectors {
  readonly grants: Readonly<Record<string, Grant>>;
  readonly stranger: string;
  readonly stays: readonly { readonly says: string; readonly steps: readonly Step[] }[];
}

interface People {
  readonly meeting: string;
  readonly people: readonly { readonly name: string; readonly id: string }[];
}

function vectors<T>(name: string): T {
  const path = `../../../pkg/e2ee/testdata/vectors/${name}`;
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}

const start = 1_700_000_000_000;
const { meeting, people } = vectors<People>("people.json");
const { grants, stranger, stays } = vectors<RingVectors>("ring.json");

function grantOf(name: string): Grant {
  const grant = grants[name];
  if (grant === undefined) {
    throw new Error(`there is no grant ${name}`);
  }
  return grant;
}

/** What the vectors call an epoch. */
function nameOf(epoch: Epoch | undefined): string | undefined {
  return Object.entries(grants).find(([, { key }]) => key === epoch?.grant().key)?.[0];
}

async function play(ring: Ring, now: number, { take, chair }: Step): Promise<string> {
  if (chair !== undefined) {
    ring.setChair(now, people.find((person) => person.name === chair)?.id);
  }
  return take === undefined
    ? "taken"
    : whyOf(ring.take(now, grantOf(take), (id) => id !== stranger));
}

test.each(stays)("ring: $says", async ({ steps }) => {
  const ring = new Ring(meeting);
  for (const step of steps) {
    const now = start + step.at;
    expect(await play(ring, now, step)).toBe(step.fault ?? "taken");
    expect({
      at: step.at,
      in_use: nameOf(ring.inUse(now)),
      newest: nameOf(ring.newest),
      held: ring.held.map(nameOf),
      deadline: ring.deadline() === Number.POSITIVE_INFINITY ? 0 : ring.deadline() - start,
    }).toEqual({
      at: step.at,
      in_use: step.in_use,
      newest: step.newest,
      held: step.held,
      deadline: step.deadline ?? 0,
    });
  }
});
