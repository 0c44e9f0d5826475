// Guards against Go and TypeScript drifting apart about who is accepted: this
// replays the doorkeeper's vectors of pkg/e2ee.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Participant } from "../protocol/messages.gen";
import type { Alarm } from "./alarm";
import { Doorkeeper, type Entry } from "./doorkeeper";
import { MembershipKey } from "./membership";

/** One of judge, entry, membership and heard, and what follows. */
interface Step {
  readonly judge?: Participant;
  readonly entry?: Entry;
  readonly by_chair?: boolean;
  readonly membership?: string;
  readonly heard?: string;
  readonly refused?: string;
  readonly via?: string;
  readonly role?: string;
  readonly alarms?: readonly Alarm[];
}

interface DoorVector {
  readonly says: string;
  readonly host: string;
  readonly membership?: string;
  readonly steps: readonly Step[];
}

function vectors<T>(name: string): T {
  const path = `../../../pkg/e2ee/testdata/vectors/${name}`;
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}

const { meeting } = vectors<{ readonly meeting: string }>("people.json");

async function take(door: Doorkeeper, step: Step): Promise<void> {
  step.entry && door.setEntry(step.entry, step.by_chair === true);
  step.membership && door.setMembership(await MembershipKey.of(step.membership));
  step.heard && door.heard(step.heard);
  if (step.judge) {
    const verdict = await door.judge(step.judge);
    const { via, role } = verdict.refused ? {} : verdict.as;
    expect([verdict.refused?.code, via, role]).toEqual([step.refused, step.via, step.role]);
  }
}

test.each(vectors<DoorVector[]>("doorkeeper.json"))(
  "doorkeeper: $says",
  async ({ host, membership, steps }) => {
    const member = await MembershipKey.of(membership ?? "");
    const door = new Doorkeeper({ meeting, host, member });
    for (const step of steps) {
      await take(door, step);
      expect(door.alarms()).toEqual(step.alarms ?? []);
    }
  },
);
