/** Getting tracks from cameras and microphones; no state. */
import { exists } from "./choice";
import { type CaptureKind, type DeviceTrouble, troubleOf } from "./trouble";

export type Captured = { readonly track: MediaStreamTrack } | { readonly trouble: DeviceTrouble };

/** `ideal`, so that a device that is gone falls back to another one instead of failing. */
function constraints(kind: CaptureKind, id: string | undefined): MediaTrackConstraints {
  const device: MediaTrackConstraints = id === undefined ? {} : { deviceId: { ideal: id } };
  if (kind === "microphone") {
    return { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  }
  return {
    ...device,
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
  };
}

function media(): MediaDevices | undefined {
  // Absent outside secure contexts, whatever the DOM's types say.
  return (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices;
}

export async function listDevices(): Promise<readonly MediaDeviceInfo[]> {
  try {
    return (await media()?.enumerateDevices()) ?? [];
  } catch {
    return [];
  }
}

export function onDeviceChange(changed: () => void): () => void {
  media()?.addEventListener("devicechange", changed);
  return () => media()?.removeEventListener("devicechange", changed);
}

export async function capture(kind: CaptureKind, id: string | undefined): Promise<Captured> {
  const wanted = constraints(kind, id);
  try {
    const stream = await request(kind === "microphone" ? { audio: wanted } : { video: wanted });
    return captured(stream, kind);
  } catch (error) {
    return { trouble: troubleOf(error) };
  }
}

/**
 * Camera and microphone in one request, so that a person is asked once. When
 * that fails each is tried alone: a missing camera must not cost the microphone.
 */
export async function captureBoth(
  ids: Readonly<Record<CaptureKind, string | undefined>>,
): Promise<Readonly<Record<CaptureKind, Captured>>> {
  const devices = await listDevices();
  const alone = async (kind: CaptureKind): Promise<Captured> =>
    exists(devices, kind) ? capture(kind, ids[kind]) : { trouble: "missing" };
  if (exists(devices, "microphone") && exists(devices, "camera")) {
    try {
      const stream = await request({
        audio: constraints("microphone", ids.microphone),
        video: constraints("camera", ids.camera),
      });
      return { microphone: captured(stream, "microphone"), camera: captured(stream, "camera") };
    } catch {
      // Which of the two it was shows when each is asked for alone.
    }
  }
  if (media() === undefined) {
    return { microphone: { trouble: "unsupported" }, camera: { trouble: "unsupported" } };
  }
  return { microphone: await alone("microphone"), camera: await alone("camera") };
}

async function request(wanted: MediaStreamConstraints): Promise<MediaStream> {
  const devices = media();
  if (devices === undefined) {
    throw new DOMException("no media devices here", "NotSupportedError");
  }
  return devices.getUserMedia(wanted);
}

function captured(stream: MediaStream, kind: CaptureKind): Captured {
  const [track] = kind === "microphone" ? stream.getAudioTracks() : stream.getVideoTracks();
  if (track === undefined) {
    return { trouble: "missing" };
  }
  track.contentHint = kind === "microphone" ? "speech" : "motion";
  return { track };
}
