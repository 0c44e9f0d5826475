import type { Bytes } from "../protocol/bytes";

/**
 * How one encrypted media frame goes through a peer connection: the codec's
 * clear bytes, then an SFrame whose metadata they are (sframe.ts).
 */

/** How a frame begins, as far as a forwarder must see it. */
export type Codec = "vp8" | "opus" | "other";

/** The codec of a MIME type such as "video/VP8", in any case. */
export function codecOf(mimeType: string): Codec {
  switch (mimeType.toLowerCase()) {
    case "video/vp8":
      return "vp8";
    case "audio/opus":
      return "opus";
    default:
      return "other";
  }
}

/**
 * How many of a frame's first bytes are sent as they are, as Go's sframe.Clear
 * has it: 10 of a VP8 key frame, 3 of another VP8 frame, 1 of Opus, none of
 * anything else, and never more than there are.
 */
export function clear(codec: Codec, frame: Bytes): number {
  return Math.min(frame.length, wanted(codec, frame[0] ?? 0));
}

function wanted(codec: Codec, first: number): number {
  switch (codec) {
    case "vp8":
      return (first & 1) === 0 ? 10 : 3;
    case "opus":
      return 1;
    case "other":
      return 0;
  }
}
