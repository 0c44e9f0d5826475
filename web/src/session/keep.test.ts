import { describe, expect, test } from "vitest";
import type { Notice } from "../room/outcome";
import { iceServersOf } from "./ice";
import { isToken, linkOf, newSecret, secretIn } from "./invitations";
import { Keep } from "./keep";
import { type Former, retired } from "./memory";
import { plainName } from "./names";
import { after, type Before, codeOf } from "./news";
import { troubleOf } from "./rendezvous";

/** A browser's storage in memory; `full` refuses every write. */
function storage(full = false): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    clear: () => items.clear(),
    key: (i) => [...items.keys()][i] ?? null,
    getItem: (key) => items.get(key) ?? null,
    removeItem: (key) => void items.delete(key),
    setItem: (key, value) => {
      if (full) {
        throw new DOMException("full", "QuotaExceededError");
      }
      items.set(key, value);
    },
  };
}

const token = "A".repeat(43);
const secret = newSecret();

describe("what this browser keeps", () => {
  test("comes back on the next visit", () => {
    const local = storage();
    const keep = new Keep(local, storage());
    keep.name = "Ada";
    keep.keepInvitation("1", { token, secret });
    const preferences = {
      chosen: { microphone: "m", camera: undefined, speaker: undefined },
      micOn: false,
      cameraOn: true,
    };
    keep.preferences = preferences;
    const later = new Keep(local, storage());
    expect(later.name).toBe("Ada");
    expect(later.invitation("1")).toEqual({ token, secret });
    expect(later.secretOf(token)).toBe(secret);
    expect(later.preferences).toEqual(preferences);
  });

  test("the way back into a room is the tab's own", () => {
    const tab = storage();
    const keep = new Keep(storage(), tab);
    const way = { ticket: "t", signalingUrl: "ws://x", title: "T", hostId: "h", createdAt: "2026" };
    keep.keepWay("1", way);
    expect(new Keep(storage(), tab).way("1")).toEqual(way);
    expect(new Keep(storage(), storage()).way("1")).toBeUndefined();
    keep.forgetWay("1");
    expect(keep.way("1")).toBeUndefined();
  });

  // Somebody's hand in the storage, or an older version's data, must not stop the page.
  test.each(["", "null", "[]", "{", '"x"', '{"1":7}', '{"1":{"token":7}}'])(
    "nonsense (%s) counts as nothing",
    (text) => {
      const local = storage();
      for (const key of ["name", "devices", "invitations", "way.1"]) {
        local.setItem(`parley.${key}`, text);
      }
      const keep = new Keep(local, local);
      expect(keep.invitation("1")).toBeUndefined();
      expect(keep.way("1")).toBeUndefined();
      expect(keep.preferences.micOn).toBe(true);
    },
  );

  test("a storage that is full or forbidden keeps nothing and stops nobody", () => {
    for (const kept of [storage(true), undefined]) {
      const keep = new Keep(kept, kept);
      keep.name = "Ada";
      keep.keepInvitation("1", { token });
      expect(keep.name).toBe("");
      expect(keep.invitation("1")).toBeUndefined();
    }
  });

  // Guards against a rendezvous that names itself the host of a meeting that one knows.
  test("who was named host first stays so", () => {
    const local = storage();
    expect(new Keep(local).hostOf("482-913-006", "ada")).toBe("ada");
    expect(new Keep(local).hostOf("482-913-006", "eve")).toBe("ada");
    expect(new Keep(local).hostOf("000-000-000", "eve")).toBe("eve");
  });

  // A rendezvous that opens the meeting finds nobody who has forgotten what the host said.
  test("who may come in is remembered by meeting, and for the stay where nothing can be kept", () => {
    const local = storage();
    new Keep(local).memory("1").keepEntry("invitation");
    expect(new Keep(local).memory("1").entry).toBe("invitation");
    expect(new Keep(local).memory("2").entry).toBeUndefined();
    local.setItem("parley.entry", '{"1":"nobody"}');
    expect(new Keep(local).memory("1").entry).toBeUndefined();
    const full = new Keep(storage(true)).memory("1");
    full.keepEntry("invitation");
    expect(full.entry).toBe("invitation");
  });

  // Guards against being refused for a card that looks older than the one before.
  test("a card is later than the last one, whatever the clock says", () => {
    const local = storage();
    expect(new Keep(local).cardAt(5_000)).toBe(5_000);
    expect(new Keep(local).cardAt(1_000)).toBe(5_001); // set back
    expect(new Keep(local).cardAt(9_000)).toBe(9_000);
    local.setItem("parley.card", '"x"');
    expect(new Keep(local).cardAt(7_000)).toBe(7_000);
    expect(new Keep(storage(true)).cardAt(7_000)).toBe(7_000);
  });

  // Guards against a host whose guests count as strangers after a restart.
  test("former invitations stay with the newest one, so many and no more", () => {
    const local = storage();
    const keep = new Keep(local);
    const members = Array.from({ length: 300 }, (_, at) => `guest ${at}`);
    let former: readonly Former[] = [];
    for (const secret of ["a", "b", "c", "d", "e"]) {
      former = retired(former, { secret, members });
    }
    keep.keepInvitation("1", { token, former });
    keep.keepInvitation("1", { token: "newer", secret: "f" });
    const kept = new Keep(local).invitation("1");
    expect(kept?.former?.map(({ secret }) => secret)).toEqual(["e", "d", "c", "b"]);
    expect(kept?.former?.map((each) => each.members.length)).toEqual([200, 200, 200, 200]);
    local.setItem("parley.invitations", '{"1":{"token":"t","former":[7,{"secret":"s"}]}}');
    expect(keep.invitation("1")).toEqual({ token: "t" });
  });

  // Guards against who was sent away and comes back by the secret before the last.
  test("who was sent away is in none of the former invitations", () => {
    const keep = new Keep(storage());
    const members = ["bob", "mallory"];
    const former = ["b", "a"].map((of) => ({ secret: of, members }));
    keep.keepInvitation("1", { token, secret, former });
    keep.memory("1").strike("mallory");
    expect(keep.invitation("1")).toEqual({
      token,
      secret,
      former: ["b", "a"].map((of) => ({ secret: of, members: ["bob"] })),
    });
    keep.memory("2").strike("mallory");
    expect(keep.invitation("2")).toBeUndefined();
  });

  test("what the host gave in the secret's place is kept as long as the link is the same", () => {
    const keep = new Keep(storage());
    keep.keepMembership("482-913-006", "none");
    expect(keep.invitation("482-913-006")).toBeUndefined();
    keep.keepInvitation("482-913-006", { token: "t", secret: "s" });
    keep.keepMembership("482-913-006", "m");
    keep.keepInvitation("482-913-006", { token: "t", secret: "s" });
    expect(keep.invitation("482-913-006")?.membership).toBe("m");
    keep.keepInvitation("482-913-006", { token: "u", secret: "v" });
    expect(keep.invitation("482-913-006")).toEqual({ token: "u", secret: "v" });
  });

  test("only so many invitations, the newest", () => {
    const keep = new Keep(storage(), storage());
    for (let i = 0; i < 210; i++) {
      keep.keepInvitation(`m${i}`, { token });
    }
    expect(keep.invitation("m9")).toBeUndefined();
    expect(keep.invitation("m10")).toEqual({ token });
  });
});

describe("invitations", () => {
  test("a secret is 32 bytes; anything else in a fragment is broken", () => {
    expect(secretIn(`#${secret}`)).toBe(secret);
    expect(secretIn("")).toBeUndefined();
    expect(secretIn("#")).toBeUndefined();
    for (const wrong of [secret.slice(1), `${secret}A`, "x", "%20"]) {
      expect(secretIn(`#${wrong}`)).toBe("broken");
    }
  });

  test("a meeting without a secret has a link without a fragment", () => {
    expect(linkOf("https://x", token, undefined)).toBe(`https://x/join/${token}`);
    expect(linkOf("https://x", token, secret)).toBe(`https://x/join/${token}#${secret}`);
    expect(isToken(token)).toBe(true);
    expect(isToken("short")).toBe(false);
  });
});

test.each([
  ["  Ada  ", "Ada"],
  ["A\u0000d\na", "A d a"],
  ["   ", ""],
  ["x".repeat(70), "x".repeat(60)],
  [`${"x".repeat(59)} y`, "x".repeat(59)],
])("the name %j is %j", (typed, want) => {
  expect(plainName(typed)).toBe(want);
});

describe("trouble", () => {
  test("is the problem's code, sentence, member and time", () => {
    const problem = {
      type: "https://x/problems/too-many-tries",
      title: "Too many tries",
      status: 429,
      detail: "Try again in a minute.",
      field: "password",
      retry_after: 60,
    };
    expect(troubleOf(JSON.stringify(problem), 1000)).toEqual({
      code: "too-many-tries",
      detail: "Try again in a minute.",
      field: "password",
      retryAt: 61_000,
    });
  });

  test("of a proxy that answers with a page of its own is that nobody is there", () => {
    expect(troubleOf("<html>502 Bad Gateway", 0)).toEqual({ code: "unavailable" });
  });
});

// RTCPeerConnection throws at a server that it does not understand: then nobody would get a link.
test("servers that a browser would refuse are left out", () => {
  const good = { urls: ["stun:a:3478"] };
  const relay = { urls: ["turn:b:3478?transport=udp"], username: "u", credential: "c" };
  expect(
    iceServersOf([good, relay, { urls: ["turn:b"] }, { urls: ["http://c"] }, { urls: ["stun:"] }]),
  ).toEqual([good, relay]);
});

test("only what people want to know becomes a line", () => {
  const mesh: Before = { topology: "mesh", sfu: undefined };
  const star = { topology: "star", sfu: "dan" };
  const followed = (topology: "mesh" | "star", sfu?: string) =>
    ({
      type: "followed",
      by: "ada",
      directive: { term: 1, seq: 1, topology, reason: "x", ...(sfu !== undefined && { sfu }) },
    }) as const;
  const line = (notice: Notice, before: Before = mesh, kind?: "node" | "helper") =>
    codeOf(notice, before, kind);
  expect(line({ type: "entered", id: "x" })).toBe("joined");
  expect(line({ type: "entered", id: "x" }, mesh, "helper")).toBeUndefined();
  expect(line({ type: "gone", id: "x", why: "ended" })).toBe("left");
  expect(line({ type: "chair-moved", from: "", to: "x" })).toBeUndefined();
  expect(line({ type: "chair-moved", from: "y", to: "x" })).toBe("host");
  expect(line(followed("mesh"))).toBeUndefined();
  expect(line(followed("mesh"), star)).toBe("to-mesh");
  expect(line(followed("star", "dan"), mesh, "node")).toBe("to-node");
  expect(line(followed("star", "dan"), mesh, "helper")).toBe("to-helper");
  // Said again by another chair, or only with another standby: nothing moved.
  expect(line(followed("star", "dan"), star, "node")).toBeUndefined();
  const takenOver = { type: "switched", sfu: "eve", taken_over: true } as const;
  expect(line(takenOver, star, "node")).toBe("to-node");
  expect(line(followed("star", "eve"), after(takenOver, star), "node")).toBeUndefined();
});
