/** What the tiles show → what each peer, or the SFU, is asked to send. Pure. */
import type { View } from "../protocol/codec";
import { maxViews } from "../protocol/messages.gen";
import type { Shown } from "./model";

const maxPixels = 8192;

type Pictured = "camera" | "screen";

/**
 * By peer, most important first. Sound is always asked for: it is heard
 * whether a tile is seen or not. A picture of 0 × 0 is not asked for.
 */
export function viewsOf(
  shown: readonly Shown[],
  peers: readonly string[],
): ReadonlyMap<string, readonly View[]> {
  const views = new Map<string, View[]>();
  for (const peer of peers) {
    views.set(peer, [
      { from: peer, source: "mic" },
      { from: peer, source: "screen-audio" },
    ]);
  }
  for (const picture of pictures(shown)) {
    const list = views.get(picture.from);
    if (list !== undefined && list.length < maxViews) {
      list.push(picture);
    }
  }
  return views;
}

/** Somebody of the room, as far as asking for their sound goes. */
export interface Voice {
  readonly id: string;
  readonly micOn: boolean;
  readonly sharing: boolean;
}

/**
 * Of everybody, from the SFU: the largest pictures first, and among equals who
 * speaks. Sound has slots of its own, so that it stands in no picture's way; in
 * a room of more people than one message holds, those who are muted are left out.
 */
export function starViewsOf(
  shown: readonly Shown[],
  voices: readonly Voice[],
  speaker: string | undefined,
): readonly View[] {
  const here = new Set(voices.map(({ id }) => id));
  const sharing = voices.filter((voice) => voice.sharing);
  const speaking = [...voices].sort((a, b) => rank(a) - rank(b));
  const sounds: View[] = [
    ...sharing.map(({ id }): View => ({ from: id, source: "screen-audio" })),
    ...speaking.map(({ id }): View => ({ from: id, source: "mic" })),
  ];
  const seen = [...pictures(shown)].filter(({ from }) => here.has(from));
  const area = ({ width = 0, height = 0 }: View) => width * height;
  const first = (view: View) => (view.from === speaker ? 0 : 1);
  seen.sort((a, b) => area(b) - area(a) || first(a) - first(b));
  const room = Math.max(maxViews - sounds.length, Math.min(seen.length, leastPictures));
  return [...seen.slice(0, room), ...sounds].slice(0, maxViews);
}

/** As many as a link to an SFU has slots for. */
const leastPictures = 18;

const rank = ({ micOn }: Voice): number => (micOn ? 0 : 1);

function* pictures(shown: readonly Shown[]): Generator<View> {
  for (const { key, width, height } of shown) {
    const [from = "", source] = key.split("/");
    if (isPictured(source) && width >= 1 && height >= 1) {
      yield { from, source, width: pixels(width), height: pixels(height) };
    }
  }
}

const isPictured = (source: string | undefined): source is Pictured =>
  source === "camera" || source === "screen";

const pixels = (value: number) => Math.min(maxPixels, Math.round(value));
