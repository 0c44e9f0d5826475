import { expect, test } from "vitest";
import { Invited } from "./invited";
import { Keep, type KeptInvitation } from "./keep";
import type { Rendezvous } from "./rendezvous";

const meetingId = "482-913-006";

function made(hostId: string) {
  const keep = new Keep(undefined, undefined);
  const pinned = new Map<string, string>();
  keep.hostOf = (id, named) => {
    pinned.set(id, pinned.get(id) ?? named);
    return pinned.get(id) ?? named;
  };
  const create = async () => ({
    ok: true,
    value: {
      meeting_id: meetingId,
      title: "Weekly",
      password: "123456",
      invitation_token: "A".repeat(43),
      host_id: hostId,
      created_at: "2026-11-20T10:00:00Z",
    },
  });
  const rendezvous = { create } as unknown as Rendezvous;
  const invited = new Invited("https://meet.example", keep, rendezvous, async () => "ada");
  return { invited, pinned };
}

/** Ada's meeting, in which so many are. */
function held(inside: number, secret: string | undefined) {
  const keep = new Keep(undefined, undefined);
  keep.invitation = () => ({ token: "A".repeat(43), ...(secret !== undefined && { secret }) });
  const renewed: string[] = [];
  const rendezvous = {
    invitation: async () => ({
      ok: true,
      value: {
        meeting_id: meetingId,
        title: "Weekly",
        password: "123456",
        host_id: "ada",
        created_at: "2026-11-20T10:00:00Z",
        inside,
      },
    }),
    renew: async (id: string) => {
      renewed.push(id);
      return { ok: true, value: { invitation_token: "B".repeat(43), password: "654321" } };
    },
  } as unknown as Rendezvous;
  const invited = new Invited("https://meet.example", keep, rendezvous, async () => "ada");
  return { invited, keep, renewed };
}

test("whoever makes a meeting is taken for its host", async () => {
  const { invited, pinned } = made("ada");
  expect(await invited.create("Weekly")).toMatchObject({ ok: true, value: { hostId: "ada" } });
  expect(pinned.get(meetingId)).toBe("ada");
});

// Guards against a server that makes itself the host of what somebody makes, from the beginning.
test("a meeting whose host the server says is somebody else is none of one's own", async () => {
  const { invited, pinned } = made("eve");
  const created = await invited.create("Weekly");
  expect(created).toEqual({ ok: false, trouble: { code: "not-yours" } });
  expect(invited.of(meetingId).value).toBeUndefined();
  expect(pinned.get(meetingId)).toBeUndefined();
});

// Guards against a host whom everybody inside takes for a stranger afterwards.
test("a new invitation is not made outside while people are in by the old one", async () => {
  const busy = held(2, "C".repeat(43));
  expect(await busy.invited.renewOutside(meetingId, undefined)).toEqual({
    ok: false,
    trouble: { code: "people-inside" },
  });
  expect(busy.renewed).toEqual([]);
  for (const { invited, renewed } of [held(0, "C".repeat(43)), held(2, undefined)]) {
    expect(await invited.renewOutside(meetingId, undefined)).toMatchObject({ ok: true });
    expect(renewed).toEqual([meetingId]);
  }
});

// Guards against a host who comes back and does not know its guests.
test("who is inside when the invitation is made new is kept with the one before", async () => {
  const { invited, keep } = held(2, "C".repeat(43));
  const kept: KeptInvitation[] = [];
  keep.keepInvitation = (_, invitation) => kept.push(invitation);
  await invited.renew(meetingId, undefined, () => ["bob"]);
  expect(kept[0]?.former).toEqual([{ secret: "C".repeat(43), members: ["bob"] }]);
  kept.length = 0;
  await invited.renew(meetingId, undefined);
  expect(kept[0]?.former).toBeUndefined();
});
