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

/** Has the page keep every path open that it would close: what it sends there goes on being sent. */
export async function holdsPaths(page: Page): Promise<void> {
  await page.addInitScript(() => {
    RTCPeerConnection.prototype.close = () => undefined;
  });
}

/** What came to a page so far, over all its connections. */
export interface Received {
  readonly packets: number;
  /** Pictures that could be decoded. */
  readonly frames: number;
}

/** Needs `noteConnections`. */
export async function received(page: Page): Promise<Received> {
  return await page.evaluate(async () => {
    const { connections } = window as unknown as { connections: RTCPeerConnection[] };
    const reports = await Promise.all(connections.map((each) => each.getStats()));
    const inbound = reports
      .flatMap((report) => [...report.values()] as Record<string, unknown>[])
      .filter((each) => each["type"] === "inbound-rtp");
    const sum = (what: string) => inbound.reduce((all, each) => all + Number(each[what] ?? 0), 0);
    return { packets: sum("packetsReceived"), frames: sum("framesDecoded") };
  });
}

/**
 * Counts from now on how much of the sound that is heard the page had to make
 * up, in milliseconds (webrtc-stats, concealedSamples); the function that it
 * returns stops and tells. A track counts between two looks at which it is heard.
 */
export async function patches(page: Page): Promise<() => Promise<number>> {
  const handle = await page.evaluateHandle(() => {
    const { connections } = window as unknown as { connections: RTCPeerConnection[] };
    const hertz = 48_000;
    const state = { samples: 0, ended: false };
    let before = new Map<string, number>();
    const heard = () =>
      new Set(
        [...document.querySelectorAll("audio")]
          .filter((element) => !(element.paused || element.muted))
          .map((element) => element.srcObject)
          .flatMap((source) => (source instanceof MediaStream ? source.getAudioTracks() : []))
          .map(({ id }) => id),
      );
    const look = async () => {
      const audible = heard();
      const receivers = connections
        .filter(({ signalingState }) => signalingState !== "closed")
        .flatMap((connection) => connection.getReceivers())
        .filter(({ track }) => audible.has(track.id));
      const now = new Map<string, number>();
      for (const receiver of receivers) {
        for (const report of (await receiver.getStats()).values()) {
          if (report.type === "inbound-rtp") {
            now.set(receiver.track.id, Number(report.concealedSamples));
          }
        }
      }
      for (const [id, samples] of now) {
        state.samples += samples - (before.get(id) ?? samples);
      }
      before = now;
      if (!state.ended) {
        setTimeout(look, 100);
      }
    };
    void look();
    return {
      stop: () => {
        state.ended = true;
        return Math.round((1000 * state.samples) / hertz);
      },
    };
  });
  return () => handle.evaluate((counting) => counting.stop());
}
