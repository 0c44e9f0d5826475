/** People and their tracks → tiles and sounds, in an order that stays. Pure. */
import type { Source } from "../link/shape";
import type { Person, Sound, Tile } from "./model";

/** A track of somebody's, one's own included. */
export interface Track {
  readonly from: string;
  readonly source: Source;
  readonly track: MediaStreamTrack;
}

export const sameTrack = (a: Track, b: Track): boolean =>
  a.from === b.from && a.source === b.source && a.track === b.track;

export const sameSound = (a: Sound, b: Sound): boolean =>
  a.key === b.key && a.track === b.track && a.muted === b.muted;

/** Screens first, then everybody, each in join order; a helper has no tile. */
export function tilesOf(people: readonly Person[], tracks: readonly Track[]): readonly Tile[] {
  const shown = people.filter((person) => person.kind !== "helper");
  const tile = (person: Person, source: "camera" | "screen", on: boolean): Tile => ({
    key: `${person.id}/${source}`,
    person,
    source,
    track: on ? trackOf(tracks, person.id, source) : undefined,
  });
  return [
    ...shown.filter((person) => person.sharing).map((person) => tile(person, "screen", true)),
    ...shown.map((person) => tile(person, "camera", person.cameraOn)),
  ];
}

/** Everything that may be heard of the others: `flows` by every link, `chosen` those of them that count. */
export function soundsOf(
  people: readonly Person[],
  flows: readonly Track[],
  chosen: readonly Track[],
): readonly Sound[] {
  const on = (flow: Track) => {
    const person = people.find(({ id, isSelf }) => id === flow.from && !isSelf);
    return flow.source === "mic" ? person?.micOn === true : person?.sharing === true;
  };
  const wanted = new Set(chosen.filter(on).map(({ track }) => track));
  const tracks = new Set(flows.map(({ track }) => track).filter(({ kind }) => kind === "audio"));
  return [...tracks].map((track) => ({ key: track.id, track, muted: !wanted.has(track) }));
}

/** The stage: the latest screen, else who speaks, else the first of the others. */
export function stageOf(tiles: readonly Tile[], speaker: string | undefined): string | undefined {
  const cameras = tiles.filter((tile) => tile.source === "camera");
  const screens = tiles.filter((tile) => tile.source === "screen" && !tile.person.isSelf);
  const speaking = cameras.find((tile) => tile.person.id === speaker && !tile.person.isSelf);
  const others = cameras.find((tile) => !tile.person.isSelf);
  return (screens.at(-1) ?? speaking ?? others ?? cameras[0])?.key;
}

function trackOf(tracks: readonly Track[], from: string, source: Source) {
  return tracks.find((each) => each.from === from && each.source === source)?.track;
}
