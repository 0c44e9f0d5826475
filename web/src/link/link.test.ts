import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { toBase64Url } from "../protocol/bytes";
import type { LinkSignal } from "../protocol/codec";
import { Incoming } from "./incoming";
import { Link } from "./link";
import type { Seals, Stream } from "./seals";
import { kindOf, sources } from "./shape";

const stream: Stream = {
  number: 1,
  signs: undefined,
  label: () => undefined,
  end: () => undefined,
};
const seals: Seals = { send: () => undefined, receive: () => stream };

class Line {
  readonly receiver;
  readonly sender = {
    replaceTrack: async () => undefined,
    getParameters: () => ({ encodings: [] }),
  };
  readonly mid: string;
  constructor(kind: string, mid: string) {
    this.mid = mid;
    this.receiver = { track: { kind, muted: true }, getSynchronizationSources: () => [] };
  }
  setCodecPreferences(): void {}
}

class Channel extends EventTarget {
  readyState = "connecting";
  readonly bufferedAmount = 0;
  send(): void {}
}

/** A connection on which each offer's SDP is how many lines it has beyond those of a link. */
class Connection extends EventTarget {
  static made: Connection | undefined;
  iceConnectionState = "new";
  lines = sources.map((source, i) => new Line(kindOf[source], `${i}`));
  constructor() {
    super();
    Connection.made = this;
  }
  readonly channels: Channel[] = [];
  createDataChannel(): Channel {
    const channel = new Channel();
    this.channels.push(channel);
    return channel;
  }
  getTransceivers(): readonly Line[] {
    return this.lines;
  }
  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    for (let i = 0; i < Number(sdp); i++) {
      this.lines.push(new Line("video", `new${i}`));
    }
  }
  async createAnswer() {
    return { sdp: "answer" };
  }
  async setLocalDescription(): Promise<void> {}
  close(): void {}
}

beforeEach(() => {
  vi.stubGlobal("RTCPeerConnection", Connection);
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => null });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function answerer() {
  const told: string[] = [];
  let tell: () => void = () => undefined;
  const said = (what: string) => {
    told.push(what);
    tell();
  };
  const link = new Link({
    id: "a",
    side: "answerer",
    shape: "mesh",
    extra: { audio: 0, video: 0 },
    quiet: false,
    self: "bea",
    peer: "ada",
    peerSession: 1,
    iceServers: [],
    tracks: {},
    seals,
    gently: false,
    warm: undefined,
    level: () => 0,
    events: {
      signal: ({ type }) => said(type),
      opened: () => undefined,
      control: () => undefined,
      broken: () => said("broken"),
    },
  });
  const offer = async (generation: number, sdp: string) => {
    const ends = { link: toBase64Url(new Uint8Array(16)), to: 1 };
    const heard = new Promise<void>((resolve) => {
      tell = resolve;
    });
    link.accept({ type: "offer", ends, generation, sdp } satisfies LinkSignal);
    await heard;
    return told.at(-1);
  };
  return { link, offer };
}

test("an offer that restarts ICE is answered", async () => {
  const { link, offer } = answerer();
  expect(await offer(0, "0")).toBe("answer");
  expect(await offer(1, "0")).toBe("answer");
  link.close(false);
});

// Guards against media that nothing opens: a line that comes later has no transform.
test("a later offer with another line breaks the link", async () => {
  const { link, offer } = answerer();
  expect(await offer(0, "0")).toBe("answer");
  expect(await offer(1, "1")).toBe("broken");
  link.close(false);
});

test("a later offer with a line in the place of another one breaks the link", async () => {
  const { link, offer } = answerer();
  expect(await offer(0, "0")).toBe("answer");
  Connection.made?.lines.splice(1, 1);
  expect(await offer(1, "1")).toBe("broken");
  link.close(false);
});

// A room that moved to a star a moment after dropped such a link, and its pictures, at once.
test("a link is up as soon as its channel is open, before ICE's event comes", () => {
  const { link } = answerer();
  const connection = Connection.made;
  expect(link.vitals.value.up).toBe(false);
  for (const channel of connection?.channels ?? []) {
    channel.readyState = "open";
    channel.dispatchEvent(new Event("open"));
  }
  expect(connection?.iceConnectionState).toBe("new");
  expect(link.vitals.value.up).toBe(true);
  link.close(false);
});

test("no slot is taken whose line has no transform", () => {
  const connection = new Connection();
  const incoming = new Incoming(connection as never, seals, () => undefined);
  incoming.open();
  connection.lines.push(new Line("video", "new"));
  incoming.take([
    { mid: "1", from: "ada", source: "camera" },
    { mid: "new", from: "ada", source: "screen" },
  ]);
  expect(incoming.flows.peek().map(({ source }) => source)).toEqual(["camera"]);
  incoming.end();
});
