import type { Page } from "playwright-core";

/** Remembers every connection that the page makes from now on, for `sends`. */
export async function noteConnections(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const all: RTCPeerConnection[] = [];
    Object.assign(window, { connections: all });
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        all.push(this);
      }
    };
  });
}

/** What a page sent and received in a second, by statistics (webrtc-stats). */
export interface Traffic {
  /** Connections on which media was sent, and on which it came. */
  readonly sending: number;
  readonly receiving: number;
  /** Copies of the camera that were sent; layers of one are one. */
  readonly cameras: number;
}

export async function traffic(page: Page): Promise<Traffic> {
  return await page.evaluate(async () => {
    const { connections } = window as unknown as { connections: RTCPeerConnection[] };
    type Bytes = Map<string, { at: number; kind: string; out: boolean; bytes: number }>;
    const reports = () =>
      Promise.all(
        connections.map(
          async (each): Promise<[string, Record<string, unknown>][]> =>
            each.signalingState === "closed" ? [] : [...(await each.getStats())],
        ),
      );
    const count = async (): Promise<Bytes> => {
      const rows = (await reports()).flatMap((report, at) =>
        report.map(([id, each]) => ({ at, id, each, out: each["type"] === "outbound-rtp" })),
      );
      const media = rows.filter(({ each, out }) => out || each["type"] === "inbound-rtp");
      return new Map(
        media.map(({ at, id, each, out }) => [
          `${at} ${id}`,
          {
            at,
            out,
            kind: String(each["kind"]),
            bytes: Number(each[out ? "bytesSent" : "bytesReceived"]),
          },
        ]),
      );
    };
    const before = await count();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const flowed = [...(await count())]
      .filter(([id, { bytes }]) => bytes > (before.get(id)?.bytes ?? 0))
      .map(([, each]) => each);
    const on = (out: boolean, kind?: string) =>
      new Set(
        flowed
          .filter((each) => each.out === out && (kind === undefined || each.kind === kind))
          .map(({ at }) => at),
      ).size;
    return { sending: on(true), receiving: on(false), cameras: on(true, "video") };
  });
}
