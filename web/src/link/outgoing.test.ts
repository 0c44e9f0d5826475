import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Outgoing } from "./outgoing";
import { kindOf, sources } from "./shape";

beforeEach(() => {
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => null });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const trackOf = (kind: string) =>
  ({ kind, getSettings: () => ({}) }) as unknown as MediaStreamTrack;

/** The lines of an offer, and what their senders are told. */
function offered() {
  const did: string[] = [];
  const setting: { readonly done: () => void; readonly refused: (why: Error) => void }[] = [];
  const lines = sources.map((source) => ({
    mid: source,
    receiver: { track: { kind: kindOf[source] } },
    setCodecPreferences: () => undefined,
    sender: {
      getParameters: () => ({ encodings: [{}] }),
      setParameters: async ({ encodings }: { encodings: { active: boolean }[] }) => {
        did.push(`${source} ${encodings[0]?.active ? "on" : "off"}`);
        await new Promise<void>((done, refused) => setting.push({ done, refused }));
      },
      replaceTrack: async (track: unknown) => {
        track !== null && did.push(`${source} carries`);
      },
    },
  }));
  /** What is being set is set. */
  const set = async () => {
    for (const { done } of setting.splice(0)) {
      done();
    }
    await new Promise((resolve) => setTimeout(resolve));
  };
  /** What is being set is refused. */
  const refuse = async () => {
    for (const { refused } of setting.splice(0)) {
      refused(new Error("InvalidModificationError"));
    }
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { did, set, refuse, lines: lines as unknown as RTCRtpTransceiver[] };
}

// Each look at a sender's parameters holds up the page while the first picture is awaited.
test("a line that carries nothing is not encoded before it does", async () => {
  const { did, lines, set } = offered();
  const outgoing = new Outgoing({
    shape: "mesh",
    seals: { send: () => undefined },
    tracks: { mic: trackOf("audio") },
    quiet: false,
    flowing: () => undefined,
  });
  outgoing.attach(lines);
  expect(did).toEqual(["mic carries", "mic on"]);
  did.length = 0;
  // Chromium refuses what is set while something else is being set.
  outgoing.setViews([]);
  expect(did).toEqual([]);
  await set();
  expect(did).toEqual(["mic off"]);
  did.length = 0;
  // What nobody shows is off before it could be sent.
  outgoing.setTrack("camera", trackOf("video"));
  expect(did).toEqual(["camera off", "camera carries"]);
});

// A description that is applied meanwhile has parameters refused: a camera that was
// off stayed off, because what its viewer wanted did not change any more.
test("no parameters are set while a description is applied", async () => {
  const { did, set, lines } = offered();
  const outgoing = new Outgoing({
    shape: "mesh",
    seals: { send: () => undefined },
    tracks: { camera: trackOf("video") },
    quiet: false,
    flowing: () => undefined,
  });
  outgoing.attach(lines);
  let held = false;
  const holding = outgoing.hold().then(() => {
    held = true;
  });
  await Promise.resolve();
  expect(held).toBe(false);
  await set();
  await holding;
  did.length = 0;
  outgoing.setViews([{ source: "mic", width: 0, height: 0 }]);
  outgoing.setViews([{ source: "screen", width: 640, height: 360 }]);
  expect(did).toEqual([]);
  outgoing.release();
  expect(did).toEqual(["camera off"]);
});

// Whoever was refused once too often stayed off until their viewer's layout changed.
test("parameters that were refused are set at the next review", async () => {
  const { did, set, refuse, lines } = offered();
  const outgoing = new Outgoing({
    shape: "mesh",
    seals: { send: () => undefined },
    tracks: { camera: trackOf("video") },
    quiet: false,
    flowing: () => undefined,
  });
  outgoing.attach(lines);
  await set();
  outgoing.setViews([]);
  for (let i = 0; i < 10; i++) {
    did.length = 0;
    await refuse();
    expect(did).toEqual([]); // not at once, which would be refused as well
    outgoing.review();
    expect(did).toEqual(["camera off"]);
  }
  await set();
  did.length = 0;
  outgoing.review();
  expect(did).toEqual([]);
});
