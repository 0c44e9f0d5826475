/** Capturing a screen, window or tab, with its sound where the browser offers it. */

export interface Screen {
  readonly video: MediaStreamTrack;
  readonly audio: MediaStreamTrack | undefined;
}

export const canCaptureScreen = (): boolean =>
  typeof navigator !== "undefined" &&
  typeof (navigator.mediaDevices as MediaDevices | undefined)?.getDisplayMedia === "function";

/** "cancelled" when the person thought better of it, "denied" when the browser or system forbids it. */
export async function captureScreen(): Promise<Screen | "cancelled" | "denied"> {
  if (!canCaptureScreen()) {
    return "denied";
  }
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { ideal: 15, max: 30 } },
      // Music and films must not pass the filters that are made for speech.
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
    });
    const [video] = stream.getVideoTracks();
    const [audio] = stream.getAudioTracks();
    if (video === undefined) {
      return "denied";
    }
    video.contentHint = "detail";
    if (audio !== undefined) {
      audio.contentHint = "music";
    }
    return { video, audio };
  } catch (error) {
    // One error name stands for both; the browsers' texts tell a closed picker from a forbidden one.
    const text = error instanceof Error ? error.message : "";
    return /system|policy|context/i.test(text) ? "denied" : "cancelled";
  }
}

export function release(screen: Screen): void {
  screen.video.stop();
  screen.audio?.stop();
}
