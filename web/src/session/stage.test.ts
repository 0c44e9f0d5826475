import { describe, expect, test } from "vitest";
import { kindOf } from "../link/shape";
import type { Participant } from "../protocol/codec";
import { connectionsOf } from "./connections";
import type { Person } from "./model";
import { peopleOf } from "./people";
import { hear, isSpeaking, silent, type Voices } from "./speaker";
import { soundsOf, stageOf, type Track, tilesOf } from "./tiles";
import { starViewsOf, viewsOf } from "./views";

function participant(id: string, n: number, change: Partial<Participant> = {}): Participant {
  const presence = { name: id, mic: true, camera: true, screen: false, hand: false };
  return {
    id,
    n,
    session: n,
    kind: "browser",
    role: "participant",
    via: "invitation",
    presence,
    ...change,
  };
}

function people(...roster: Participant[]): readonly Person[] {
  return peopleOf(roster, {
    self: "ada",
    presence: { name: "Ada L.", mic: false, camera: true, screen: false, hand: true },
    actingHost: "bob",
    speaking: new Set(["ada", "bob"]),
    quality: () => "fair",
    proved: () => false,
  });
}

/** Stands for a track: only which one it is matters here. */
const track = (from: string, source: Track["source"]): Track => ({
  from,
  source,
  track: { id: `${from}'s ${source}`, kind: kindOf[source] } as MediaStreamTrack,
});

describe("people", () => {
  test("are in join order, and one's own entry is what is so here", () => {
    const [bob, ada] = people(participant("ada", 2), participant("bob", 1));
    expect(bob).toMatchObject({ id: "bob", isActingHost: true, speaking: true, quality: "fair" });
    expect(ada).toMatchObject({ name: "Ada L.", isSelf: true, micOn: false, hand: true });
  });

  // A ring around somebody who is muted tells a lie.
  test("who is muted does not speak", () => {
    expect(people(participant("ada", 1))[0]?.speaking).toBe(false);
  });
});

describe("tiles", () => {
  const sharing = { name: "bob", mic: true, camera: false, screen: true, hand: false };
  const roster = [
    participant("cy", 3),
    participant("bob", 2, { presence: sharing }),
    participant("ada", 1),
    participant("help", 0, { kind: "helper" }),
  ];
  const tracks = [
    track("ada", "camera"),
    track("bob", "camera"),
    track("bob", "screen"),
    track("bob", "mic"),
    track("bob", "screen-audio"),
    track("cy", "mic"),
  ];

  test("are screens first, then everybody in join order, without helpers", () => {
    const tiles = tilesOf(people(...roster), tracks);
    expect(tiles.map((tile) => tile.key)).toEqual([
      "bob/screen",
      "ada/camera",
      "bob/camera",
      "cy/camera",
    ]);
  });

  // A camera that is off leaves a track that shows its last frame, or black.
  test("show a track only while its source is on", () => {
    const tiles = tilesOf(people(...roster), tracks);
    expect(tiles.map((tile) => tile.track?.id)).toEqual([
      "bob's screen",
      "ada's camera",
      undefined,
      undefined,
    ]);
  });

  test("sounds are the others' only", () => {
    const own = track("ada", "mic");
    const sounds = soundsOf(people(...roster), tracks, [...tracks, own]);
    expect(sounds.map(({ key, muted }) => [key, muted])).toEqual([
      ["bob's mic", false],
      ["bob's screen-audio", false],
      ["cy's mic", false],
    ]);
  });

  // Two voices of one person, a moment apart, sound like a cave; none at all is worse.
  test("a sound that comes twice is heard once, and plays on where it is not", () => {
    const twice = { ...track("bob", "mic"), track: { id: "slot", kind: "audio" } } as Track;
    const sounds = soundsOf(people(...roster), [...tracks, twice], [twice]);
    expect(sounds.filter(({ muted }) => !muted).map(({ key }) => key)).toEqual(["slot"]);
    expect(sounds.map(({ key }) => key)).toContain("bob's mic");
  });

  test("the stage is a screen, else who speaks, else somebody else, else oneself", () => {
    const tiles = tilesOf(people(...roster), tracks);
    const cameras = tiles.slice(1);
    expect(stageOf(tiles, "cy")).toBe("bob/screen");
    expect(stageOf(cameras, "cy")).toBe("cy/camera");
    expect(stageOf(cameras, "ada")).toBe("bob/camera");
    expect(stageOf(cameras.slice(0, 1), undefined)).toBe("ada/camera");
    expect(stageOf([], undefined)).toBeUndefined();
  });
});

describe("the speaker", () => {
  /** Plays levels, one step every 100 ms. */
  function play(voices: Voices, from: number, steps: number, levels: Record<string, number>) {
    let state = voices;
    for (let i = 0; i < steps; i++) {
      state = hear(state, new Map(Object.entries(levels)), from + i * 100);
    }
    return state;
  }

  test("a cough takes nobody's stage, a sentence does", () => {
    let voices = play(silent, 0, 20, { ada: 0.6, bob: 0 });
    expect(voices.speaker).toBe("ada");
    voices = play(voices, 2000, 5, { ada: 0, bob: 0.9 });
    expect(voices.speaker).toBe("ada");
    voices = play(voices, 2500, 30, { ada: 0, bob: 0.9 });
    expect(voices.speaker).toBe("bob");
  });

  test("silence leaves the stage as it is; who left has left it", () => {
    const voices = play(silent, 0, 20, { ada: 0.6, bob: 0 });
    expect(play(voices, 2000, 50, { ada: 0, bob: 0 }).speaker).toBe("ada");
    expect(play(voices, 2000, 1, { bob: 0 }).speaker).toBeUndefined();
  });

  test("the ring outlasts the gap between two words, not more", () => {
    const voices = play(silent, 0, 1, { ada: 0.6 });
    expect(isSpeaking(voices, "ada", 500)).toBe(true);
    expect(isSpeaking(voices, "ada", 800)).toBe(false);
    expect(isSpeaking(voices, "bob", 500)).toBe(false);
  });
});

describe("views", () => {
  test("sound is always asked for, a picture only where it is seen", () => {
    const views = viewsOf(
      [
        { key: "bob/screen", width: 1280.4, height: 720 },
        { key: "bob/camera", width: 0, height: 0 },
        { key: "ada/camera", width: 100, height: 100 },
        { key: "nonsense", width: 9, height: 9 },
      ],
      ["bob", "cy"],
    );
    expect(views.get("bob")?.map(({ source }) => source)).toEqual([
      "mic",
      "screen-audio",
      "screen",
    ]);
    expect(views.get("bob")?.at(-1)).toMatchObject({ width: 1280, height: 720 });
    expect(views.get("cy")).toHaveLength(2);
    expect(views.has("ada")).toBe(false);
  });

  const voices = (...ids: string[]) => ids.map((id) => ({ id, micOn: true, sharing: false }));

  test("an SFU is asked for everybody: the largest first, among equals who speaks", () => {
    const views = starViewsOf(
      [
        { key: "bob/camera", width: 320, height: 180 },
        { key: "cy/camera", width: 320, height: 180 },
        { key: "dan/screen", width: 1280, height: 720 },
        { key: "dan/camera", width: 0, height: 0 },
        { key: "ada/camera", width: 640, height: 360 },
      ],
      [...voices("bob", "cy"), { id: "dan", micOn: false, sharing: true }],
      "cy",
    );
    expect(views.map(({ from, source }) => `${from}/${source}`)).toEqual([
      "dan/screen",
      "cy/camera",
      "bob/camera",
      "dan/screen-audio",
      "bob/mic",
      "cy/mic",
      "dan/mic",
    ]);
  });

  // One message holds 64; a hundred people must not make it be refused.
  test("of a hundred those who are muted are asked for last, and no more than a message holds", () => {
    const many = Array.from({ length: 100 }, (_, at) => ({
      id: `p${at}`,
      micOn: at >= 90,
      sharing: false,
    }));
    const shown = many.map(({ id }) => ({ key: `${id}/camera`, width: 160, height: 90 }));
    const views = starViewsOf(shown, many, undefined);
    expect(views).toHaveLength(64);
    expect(views.filter(({ source }) => source === "camera")).toHaveLength(18);
    expect(views.filter(({ source, from }) => source === "mic" && from >= "p90")).toHaveLength(10);
  });
});

describe("connections", () => {
  const all = people(participant("ada", 1), participant("bob", 2), participant("cy", 3));
  const figures = {
    rttMillis: 9,
    sendKbps: 1,
    receiveKbps: 2,
    lossPercent: 0,
    relayed: true,
  };
  const mesh = {
    topology: "mesh",
    sfu: undefined,
    standby: undefined,
    reason: "",
    manual: false,
    candidates: [],
  } as const;
  const own = new Map([["bob", { quality: "good" as const, figures }]]);

  test("a mesh is everybody with everybody; one's own with figures", () => {
    const { lines } = connectionsOf(all, own, mesh);
    expect(lines.map(({ from, to, state }) => [from, to, state])).toEqual([
      ["ada", "bob", "good"],
      ["ada", "cy", "connecting"],
      ["bob", "cy", "good"],
    ]);
    expect(lines[0]).toMatchObject(figures);
  });

  test("a star is everybody with its middle", () => {
    const { lines } = connectionsOf(all, own, { ...mesh, topology: "star", sfu: "bob" });
    expect(lines.map(({ from, to }) => [from, to])).toEqual([
      ["ada", "bob"],
      ["bob", "cy"],
    ]);
  });

  test("a warm link to the standby is no line, and a helper is one only in the middle", () => {
    const helped = [...all, ...people(participant("help", 4, { kind: "helper" }))];
    const star = { ...mesh, topology: "star", sfu: "help", standby: "bob" } as const;
    const links = new Map([
      ["bob", { quality: "good" as const, figures }],
      ["help", { quality: "good" as const, figures }],
    ]);
    expect(connectionsOf(helped, links, star).lines.map(({ from, to }) => [from, to])).toEqual([
      ["ada", "help"],
      ["bob", "help"],
      ["cy", "help"],
    ]);
    expect(connectionsOf(helped, own, mesh).lines).toHaveLength(3);
  });
});
