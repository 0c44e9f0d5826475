/**
 * The media lines of a link as they are offered and answered: with codecs alone
 * whose frames can be sealed. Two dozen of them must fit one signal to an SFU,
 * so there they name only what a router reads.
 */
import type { ReceiveSlots, Shape } from "../room/link";
import type { Pace } from "./breath";

/** Frames of other codecs are read by packetizers and do not survive being sealed, nor do packets that hold several. */
const codecs = { audio: /^audio\/opus$/i, video: /^video\/(?:vp8|vp9)$/i } as const;
/** What a router does not need is named between two browsers only. */
const repair = /^video\/rtx$/i;

/** Which line a packet is of, which layer, how loud, how a phone is held; and what the estimate of the path is made from. */
const extensions =
  /sdes:mid$|sdes:rtp-stream-id$|ssrc-audio-level$|video-orientation$|transport-wide-cc/;

interface Extension {
  readonly uri: string;
  direction: RTCRtpTransceiverDirection | "stopped";
}

/** Not in every browser; without it the lines are longer, and fit all the same. */
interface Extensible {
  getHeaderExtensionsToNegotiate?(): Extension[];
  setHeaderExtensionsToNegotiate?(extensions: Extension[]): void;
}

type Kind = "audio" | "video";

/** A browser's codecs stay the same, and it takes a while to list them. */
const listed = new Map<Kind, readonly RTCRtpCodec[]>();

function codecsOf(kind: Kind): readonly RTCRtpCodec[] {
  const known = listed.get(kind) ?? RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  known.length > 0 && listed.set(kind, known);
  return known;
}

/** Names what can be sealed, and to an SFU what a router takes, and nothing else. */
export function trim(transceiver: RTCRtpTransceiver, shape: Shape): void {
  const kind = transceiver.receiver.track.kind === "audio" ? "audio" : "video";
  const wanted = codecsOf(kind).filter(
    ({ mimeType, sdpFmtpLine = "" }) =>
      (codecs[kind].test(mimeType) && !/profile-id=[1-9]/.test(sdpFmtpLine)) ||
      (shape === "mesh" && repair.test(mimeType)),
  );
  if (wanted.length > 0) {
    transceiver.setCodecPreferences(wanted);
  }
  if (shape === "mesh") {
    return;
  }
  const extensible = transceiver as Extensible;
  const offered = extensible.getHeaderExtensionsToNegotiate?.() ?? [];
  for (const extension of offered) {
    if (!extensions.test(extension.uri)) {
      extension.direction = "stopped";
    }
  }
  extensible.setHeaderExtensionsToNegotiate?.(offered);
}

/**
 * Adds the lines on which the SFU alone sends: after the four that every link
 * has, each at its own pace. All at once they would hold up the page for
 * longer than a frame lasts, and with it every picture that is shown meanwhile.
 * `added` is called in the task that adds one; none is added when it is over.
 */
export async function addSlots(
  connection: RTCPeerConnection,
  { audio, video }: ReceiveSlots,
  pace: Pace,
  isOver: () => boolean,
  added: () => void,
): Promise<void> {
  for (const kind of [...Array(audio).fill("audio"), ...Array(video).fill("video")]) {
    await pace();
    if (isOver()) {
      return;
    }
    trim(connection.addTransceiver(kind, { direction: "recvonly" }), "sfu");
    added();
  }
}
