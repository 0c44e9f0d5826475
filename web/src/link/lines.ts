/**
 * The media lines of a link to an SFU as they are offered. Two dozen of them
 * must fit one signal, so they name only the codecs and header extensions that
 * a router reads.
 */
import type { ReceiveSlots } from "../room/link";

const codecs = { audio: /^audio\/opus$/i, video: /^video\/(?:vp8|vp9)$/i } as const;

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

/** Names what a router takes, and nothing else. */
export function trim(transceiver: RTCRtpTransceiver): void {
  const kind = transceiver.receiver.track.kind === "audio" ? "audio" : "video";
  const known = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const wanted = known.filter(
    ({ mimeType, sdpFmtpLine = "" }) =>
      codecs[kind].test(mimeType) && !/profile-id=[1-9]/.test(sdpFmtpLine),
  );
  if (wanted.length > 0) {
    transceiver.setCodecPreferences(wanted);
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

/** Adds the lines on which the SFU alone sends: after the four that every link has. */
export function addSlots(connection: RTCPeerConnection, { audio, video }: ReceiveSlots): void {
  for (const kind of [...Array(audio).fill("audio"), ...Array(video).fill("video")]) {
    trim(connection.addTransceiver(kind, { direction: "recvonly" }));
  }
}
