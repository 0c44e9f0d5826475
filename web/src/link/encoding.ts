/** What the peer shows of a source → how it is encoded. Pure. */
import { layers, type Source } from "./shape";

/** As the peer told it, in its device pixels. */
export interface View {
  readonly source: Source;
  readonly width: number;
  readonly height: number;
}

export interface Encoding {
  readonly active: boolean;
  readonly maxBitrate: number;
  readonly scaleResolutionDownBy?: number;
  readonly maxFramerate?: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Until the peer has said what it shows: a middling picture, so that its first frame comes at once. */
export const unknownView = { width: 640, height: 360 };

/** What a camera is taken to give until it is known. */
const unknownCapture = { width: 1280, height: 720 };

const micBitrate = 40_000;
const screenAudioBitrate = 128_000;

/** Bits per second for a picture of so many pixels, between what is watchable and what is worth it. */
function bitrateOf(source: "camera" | "screen", pixels: number): number {
  return source === "camera"
    ? clamp(pixels * 2.5, 150_000, 2_500_000)
    : clamp(pixels * 2, 500_000, 4_000_000);
}

/**
 * Coarse steps, because each change of size costs the encoder a key frame: a
 * tile that is dragged a little larger must not.
 */
const scales = [1, 1.5, 2, 3, 4, 6, 8];

/**
 * The encoding of a source for one peer. `views` is undefined until the peer
 * told what it shows; then what is not in it is not sent.
 */
export function encodingFor(
  source: Source,
  views: readonly View[] | undefined,
  captured: Size | undefined,
): Encoding {
  const view = views?.find((each) => each.source === source);
  const active = views === undefined || view !== undefined;
  switch (source) {
    case "mic":
      return { active, maxBitrate: micBitrate };
    case "screen-audio":
      return { active, maxBitrate: screenAudioBitrate };
    case "camera":
    case "screen":
      return picture(source, active, sized(view) ?? unknownView, captured);
  }
}

/** A layer that is smaller than this shows nobody's face. */
const leastHeight = 90;

/**
 * My camera's layers towards an SFU, in the order of `layers`: from the
 * smallest up to the one that is as large as anybody shows it, or none.
 */
export function simulcastFor(
  views: readonly View[] | undefined,
  captured: Size | undefined,
): readonly Encoding[] {
  const view = views?.find((each) => each.source === "camera");
  const asked = views === undefined || view !== undefined;
  const from = captured ?? unknownCapture;
  const shown = views === undefined ? unknownView : (sized(view) ?? from);
  const room = Math.min(from.width / shown.width, from.height / shown.height);
  const worth = (scale: number) => scale === 1 || from.height / scale >= leastHeight;
  const largest = layers.findIndex(({ scale }) => worth(scale) && scale <= Math.max(1, room * 1.1));
  return layers.map(({ scale }, at) => ({
    active: asked && at <= largest && worth(scale),
    maxBitrate: Math.round(bitrateOf("camera", (from.width * from.height) / (scale * scale))),
    scaleResolutionDownBy: scale,
    maxFramerate: 30,
  }));
}

function picture(
  source: "camera" | "screen",
  active: boolean,
  shown: Size,
  captured: Size | undefined,
): Encoding {
  const from = captured ?? unknownCapture;
  const room = Math.min(from.width / shown.width, from.height / shown.height);
  const scale = scales.findLast((each) => each <= room * 1.1) ?? 1;
  const pixels = (from.width * from.height) / (scale * scale);
  const bitrate = Math.round(bitrateOf(source, pixels));
  return source === "camera"
    ? { active, maxBitrate: bitrate, scaleResolutionDownBy: scale, maxFramerate: 30 }
    : { active, maxBitrate: bitrate, scaleResolutionDownBy: scale };
}

/** A view without a size counts as one of unknown size. */
const sized = (view: View | undefined): Size | undefined =>
  view !== undefined && view.width > 0 && view.height > 0 ? view : undefined;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

export const sameEncoding = (a: Encoding, b: Encoding): boolean =>
  a.active === b.active &&
  a.maxBitrate === b.maxBitrate &&
  a.scaleResolutionDownBy === b.scaleResolutionDownBy &&
  a.maxFramerate === b.maxFramerate;
