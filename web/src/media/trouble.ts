/** Why a device could not be had, from what getUserMedia rejects with. */

export type DeviceKind = "microphone" | "camera" | "speaker";
export type CaptureKind = "microphone" | "camera";
export type DeviceTrouble = "denied" | "missing" | "busy" | "unsupported";

/** The names are those of Media Capture and Streams, section 10.2. */
export function troubleOf(error: unknown): DeviceTrouble {
  const name = error instanceof Error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "unsupported";
  }
}
