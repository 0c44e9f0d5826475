import type { BrowserContext } from "playwright-core";

/**
 * What a person's machine has: everything, the smallest camera and a microphone
 * as it is (five such people fit on two cores), no camera, nothing at all, or
 * devices that they refuse to share.
 */
export type Devices = "all" | "small" | "no-camera" | "none" | "refused";

/** Makes every page of `context` see those devices. Chromium's fake ones cannot be unplugged from one context alone. */
export async function setDevices(context: BrowserContext, devices: Devices): Promise<void> {
  if (devices === "all") {
    return;
  }
  await context.addInitScript((kind) => {
    const media = navigator.mediaDevices;
    const ask = media.getUserMedia.bind(media);
    const list = media.enumerateDevices.bind(media);
    if (kind === "small") {
      const camera = { width: 160, height: 120, frameRate: 10 };
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      media.getUserMedia = (wanted) =>
        ask({
          ...wanted,
          ...(wanted?.video && { video: camera }),
          ...(wanted?.audio && { audio: plain }),
        });
      return;
    }
    const has = (input: string) => kind === "no-camera" && input !== "videoinput";

    media.enumerateDevices = async () => {
      const found = await list();
      return kind === "refused" ? found : found.filter((device) => has(device.kind));
    };
    media.getUserMedia = (wanted) => {
      if (kind === "refused") {
        return Promise.reject(new DOMException("Permission denied", "NotAllowedError"));
      }
      if (kind === "none" || wanted?.video) {
        return Promise.reject(new DOMException("Requested device not found", "NotFoundError"));
      }
      return ask(wanted);
    };
  }, devices);
}
