/** What the tiles show → what each peer is asked to send. Pure. */
import type { View } from "../link/encoding";
import type { Shown } from "./model";

/** protocol.MaxViews */
const maxViews = 64;
const maxPixels = 8192;

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
      { source: "mic", width: 0, height: 0 },
      { source: "screen-audio", width: 0, height: 0 },
    ]);
  }
  for (const { key, width, height } of shown) {
    const [id = "", source] = key.split("/");
    const list = views.get(id);
    if (list === undefined || list.length >= maxViews || width < 1 || height < 1) {
      continue;
    }
    if (source === "camera" || source === "screen") {
      list.push({ source, width: pixels(width), height: pixels(height) });
    }
  }
  return views;
}

const pixels = (value: number) => Math.min(maxPixels, Math.round(value));
