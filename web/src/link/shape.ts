/**
 * What every link looks like: four media lines in a fixed order, each carrying
 * one source of mine out and one slot in, and two data channels that both ends
 * make alike. A link to an SFU has further lines after these, on which it alone
 * sends, and my camera goes to it in several layers. It is offered once; only
 * an ICE restart touches SDP again.
 */

export const sources = ["mic", "camera", "screen", "screen-audio"] as const;

export type Source = (typeof sources)[number];

export const kindOf: Readonly<Record<Source, "audio" | "video">> = {
  mic: "audio",
  camera: "video",
  screen: "video",
  "screen-audio": "audio",
};

/** Simulcast (RFC 8853) of my camera towards an SFU, the smallest picture first. */
export const layers = [
  { rid: "q", scale: 4 },
  { rid: "h", scale: 2 },
  { rid: "f", scale: 1 },
] as const;

interface Channel {
  readonly label: string;
  readonly init: RTCDataChannelInit;
}

export const control: Channel = {
  label: "control",
  init: { negotiated: true, id: 0, ordered: true },
};

export const beat: Channel = {
  label: "beat",
  init: { negotiated: true, id: 1, ordered: false, maxRetransmits: 0 },
};
