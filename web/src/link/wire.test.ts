import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { breath } from "./breath";
import { Link } from "./link";
import type { Seals } from "./seals";
import { Wire, type WireOptions } from "./wire";

const stream = { number: 1, signs: undefined, label: () => undefined, end: () => undefined };
const seals: Seals = { send: () => undefined, receive: () => stream };

/** A connection that notes what it is told to do. */
class Connection extends EventTarget {
  static did: string[] = [];
  iceConnectionState = "new";
  readonly lines: unknown[] = [];
  constructor({ iceServers }: { iceServers: unknown[] }) {
    super();
    Connection.did.push(`made with ${iceServers.length} servers`);
  }
  createDataChannel(): EventTarget {
    return new EventTarget();
  }
  addTransceiver(what: unknown) {
    Connection.did.push(`line of ${typeof what === "string" ? what : "a track"}`);
    const sender = {
      getParameters: () => ({ encodings: [] }),
      replaceTrack: async (track: unknown) => {
        track !== null && Connection.did.push("track");
      },
    };
    const receiver = { track: { kind: what }, getSynchronizationSources: () => [] };
    const line = { mid: null, sender, receiver, setCodecPreferences: () => undefined };
    this.lines.push(line);
    return line;
  }
  getTransceivers(): readonly unknown[] {
    return this.lines;
  }
  getConfiguration() {
    return {};
  }
  setConfiguration({ iceServers }: { iceServers: unknown[] }): void {
    Connection.did.push(`${iceServers.length} servers`);
  }
  async createOffer() {
    Connection.did.push("offer written");
    return { type: "offer", sdp: "lines" };
  }
  async setLocalDescription(): Promise<void> {
    Connection.did.push("offer applied");
  }
  close(): void {
    Connection.did.push("closed");
  }
}

beforeEach(() => {
  Connection.did = [];
  vi.stubGlobal("RTCPeerConnection", Connection);
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => null });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const written = [
  "made with 0 servers",
  "line of audio",
  "line of video",
  "line of video",
  "line of audio",
  "offer written",
];

// Somebody who only reads an invitation would be known to a server, or have a device touched.
test("has neither a track nor a server, and applies nothing, before there is a link", () => {
  const wire = Wire.warm(seals);
  expect(Connection.did).toEqual(written);
  wire.close();
  expect(Connection.did.slice(written.length)).toEqual(["closed"]);
});

const star: WireOptions = { shape: "sfu", quiet: false, iceServers: [], tracks: {}, seals };

// Everybody's picture stood still while a page laid the lines of two links at
// once, and once more while it closed those of a mesh.
test("lays its lines where the page has time, and is closed there", async () => {
  const turns: ((deadline: { timeRemaining(): number }) => void)[] = [];
  vi.stubGlobal("document", { visibilityState: "visible" });
  vi.stubGlobal("requestIdleCallback", (turn: (typeof turns)[number]) => turns.push(turn));
  const turn = async (millis: number) => {
    turns.shift()?.({ timeRemaining: () => millis });
    await breath();
  };
  const wire = new Wire(star);
  const laid = () => Connection.did.filter((each) => each.startsWith("line")).length;
  void wire.openGently();
  expect(laid()).toBe(0);
  await turn(0);
  expect(laid()).toBe(1);
  await turn(50);
  expect(laid()).toBe(4);
  wire.close(true);
  expect(Connection.did).not.toContain("closed");
  await turn(0);
  expect(Connection.did).toContain("closed");
});

test("lays no more lines once it is closed", async () => {
  const wire = new Wire(star);
  const opening = wire.openGently();
  wire.close();
  await opening;
  await wire.openSlots({ audio: 1, video: 1 }, true);
  expect(Connection.did).toEqual(["made with 0 servers", "closed"]);
});

// An offer that is written twice is what this is there to save.
test("a link that is given one applies its offer, with its own servers and tracks", async () => {
  const track = { kind: "audio", getSettings: () => ({}) } as unknown as MediaStreamTrack;
  let link: Link | undefined;
  const sdp = await new Promise((resolve, reject) => {
    link = new Link({
      id: "a",
      side: "offerer",
      shape: "mesh",
      extra: { audio: 0, video: 0 },
      quiet: false,
      self: "ada",
      peer: "bea",
      peerSession: 1,
      iceServers: [{ urls: "stun:meet.example" }],
      tracks: { mic: track },
      seals,
      gently: false,
      warm: Wire.warm(seals),
      level: () => 0,
      events: {
        signal: (signal) => resolve(signal.type === "offer" ? signal.sdp : signal.type),
        opened: () => undefined,
        control: () => undefined,
        broken: () => reject(new Error("broken")),
      },
    });
  });
  expect(sdp).toBe("lines");
  expect(Connection.did).toEqual([...written, "1 servers", "track", "offer applied"]);
  link?.close(false);
});
