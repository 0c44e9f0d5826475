import { describe, expect, test, vi } from "vitest";
import type { Vitals } from "../link/vitals";
import type { Directive, Participant } from "../protocol/codec";
import type { PlannedLink } from "../room/link";
import { Gathering } from "./gathering";
import { codeOf } from "./news";

const ada = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
const bob = "12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV";
const policy = { mesh_max: 4 };

function participant(id: string, n: number, session = n): Participant {
  const presence = { name: id.slice(-3), mic: true, camera: true, screen: false, hand: false };
  return { id, n, session, kind: "browser", role: "participant", via: "invitation", presence };
}

function gather(roster: readonly Participant[]) {
  const plans: (readonly PlannedLink[])[] = [];
  const said: Directive[] = [];
  const news: string[] = [];
  const gathering: Gathering = new Gathering({
    self: ada,
    planned: (plan) => plans.push(plan),
    say: (directive) => said.push(directive),
    show: () => undefined,
    callHelper: () => undefined,
    notice: (notice, who) => {
      const code = codeOf(notice, { topology: "mesh", sfu: undefined }, who?.kind);
      code && news.push(`${code} ${who?.presence.name}`);
    },
  });
  const self = participant(ada, 1);
  gathering.happened({ type: "welcome", self, roster: [self, ...roster], policy });
  return { gathering, plans, said, news };
}

const up: Vitals = { up: true, carrying: true, asked: true, rttMillis: 12 };

describe("a gathering", () => {
  test("plans a link to whoever is there, and none to who left", () => {
    const { gathering, plans } = gather([participant(bob, 2)]);
    expect(plans.at(-1)).toMatchObject([{ peer: bob, session: 2, offer: false }]);
    expect(gathering.others()).toEqual([bob]);
    gathering.happened({ type: "left", id: bob, why: "left" });
    expect(plans.at(-1)).toEqual([]);
  });

  // A recording that begins later than its recorder came must not pass for nothing new.
  test("hears that somebody records, and that they stopped", () => {
    const { gathering } = gather([participant(bob, 2)]);
    const records = () => gathering.roster.value.find(({ id }) => id === bob)?.presence.recording;
    const bobNow = participant(bob, 2);
    const presence = { ...bobNow.presence, recording: true };
    gathering.happened({ type: "updated", participant: { ...bobNow, presence } });
    expect(records()).toBe(true);
    gathering.happened({ type: "updated", participant: bobNow });
    expect(records() ?? false).toBe(false);
  });

  // The rendezvous may lose somebody whose link is alive and well: their picture must stay.
  test("keeps who is lost to the rendezvous while the link lives, and no longer", () => {
    vi.useFakeTimers();
    const { gathering, plans, news } = gather([participant(bob, 2)]);
    const link = { peer: bob, session: 2, shape: "mesh" } as const;
    gathering.linked(link, up);
    gathering.happened({ type: "left", id: bob, why: "lost" });
    expect(gathering.hasPerson(bob)).toBe(true);
    gathering.linked(link, undefined);
    vi.advanceTimersByTime(20_000);
    expect(gathering.hasPerson(bob)).toBe(false);
    expect(plans.at(-1)).toEqual([]);
    expect(news.at(-1)).toBe(`lost ${bob.slice(-3)}`);
    gathering.end();
    vi.useRealTimers();
  });

  test("lets a link of an earlier session go only when the new one carries", () => {
    const { gathering, plans } = gather([participant(bob, 2)]);
    gathering.linked({ peer: bob, session: 2, shape: "mesh" }, up);
    gathering.happened({ type: "updated", participant: participant(bob, 2, 7) });
    expect(plans.at(-1)).toMatchObject([
      { session: 2, draining: true },
      { session: 7, draining: false },
    ]);
    gathering.linked({ peer: bob, session: 7, shape: "mesh" }, up);
    gathering.happened({ type: "clock" });
    gathering.linked({ peer: bob, session: 2, shape: "mesh" }, { ...up, asked: false });
    expect(plans.at(-1)).toMatchObject([{ session: 7 }]);
  });

  // A rendezvous that lost its data gives a new session number: the old room's links lead nowhere.
  test("begins anew with another session of its own", () => {
    const { gathering, plans } = gather([participant(bob, 2)]);
    const self = participant(ada, 1, 9);
    gathering.happened({ type: "welcome", self, roster: [self, participant(bob, 2)], policy });
    expect(plans.at(-2)).toEqual([]);
    expect(plans.at(-1)).toMatchObject([{ peer: bob, offer: true }]);
    expect(gathering.has({ id: ada, session: 9 })).toBe(true);
  });

  // It would be taken for another session of one's own, over and over.
  test("takes no welcome of somebody else, and none without itself twice", () => {
    const { gathering } = gather([participant(bob, 2)]);
    const roster = [participant(bob, 2)];
    gathering.happened({ type: "welcome", self: participant(bob, 2), roster, policy });
    expect(gathering.has({ id: ada, session: 1 })).toBe(true);
    gathering.happened({ type: "welcome", self: participant(ada, 1, 9), roster, policy });
    expect(gathering.roster.value).toEqual([]);
  });

  // Links that close while the plan is being followed speak up in the middle of a step.
  test("what happens during a step comes after it", () => {
    const seen: number[] = [];
    const gathering: Gathering = new Gathering({
      self: ada,
      planned: (plan) => {
        seen.push(plan.length);
        plan.length > 0 && gathering.happened({ type: "left", id: bob, why: "left" });
      },
      say: () => undefined,
      show: () => undefined,
      callHelper: () => undefined,
      notice: () => undefined,
    });
    const self = participant(ada, 1);
    gathering.happened({ type: "welcome", self, roster: [self, participant(bob, 2)], policy });
    expect(seen).toEqual([1, 0]);
  });

  test("has nothing left when it has ended", () => {
    const { gathering } = gather([participant(bob, 2)]);
    gathering.end();
    expect(gathering.roster.value).toEqual([]);
    expect(gathering.plan).toEqual([]);
  });
});
