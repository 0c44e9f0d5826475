import type { Page } from "playwright-core";

/** An encoded frame as it came over the wire, before anybody has opened it. */
export interface Arrived {
  /** Counts the lines of the page in the order in which they got their transform. */
  readonly line: number;
  readonly kind: string;
  /** Its first bytes. */
  readonly begins: readonly number[];
}

const most = 2_000;

const recorder = `
  let line = 0;
  self.onrtctransform = ({ transformer }) => {
    const { kind } = transformer.options;
    const at = line++;
    transformer.readable.pipeTo(new WritableStream({
      write: ({ data }) => self.postMessage({ line: at, kind, begins: [...new Uint8Array(data, 0, Math.min(64, data.byteLength))] }),
    })).catch(() => undefined);
  };
`;

/**
 * Has the page keep what arrives from now on, in the place of what would open
 * it: from the very first frame of each line on, as a forwarder would see it.
 */
export async function records(page: Page): Promise<void> {
  const path = "/recorder.js";
  await page.route(`**${path}`, (route) =>
    route.fulfill({
      contentType: "text/javascript",
      headers: { "cross-origin-embedder-policy": "require-corp" }, // as the page has it
      body: recorder,
    }),
  );
  await page.addInitScript(
    ({ path, most }) => {
      const arrived: unknown[] = [];
      Object.assign(window, { arrived });
      let worker: Worker | undefined;
      const own = Object.getOwnPropertyDescriptor(RTCRtpReceiver.prototype, "transform");
      Object.defineProperty(RTCRtpReceiver.prototype, "transform", {
        configurable: true,
        get: () => null,
        set(this: RTCRtpReceiver) {
          if (worker === undefined) {
            worker = new Worker(path);
            worker.onmessage = ({ data }) => arrived.length < most && arrived.push(data);
          }
          own?.set?.call(this, new RTCRtpScriptTransform(worker, { kind: this.track.kind }));
        },
      });
    },
    { path, most },
  );
}

/** What arrived so far, in its order. */
export async function recorded(page: Page): Promise<readonly Arrived[]> {
  return await page.evaluate(() => (window as unknown as { arrived: Arrived[] }).arrived);
}
