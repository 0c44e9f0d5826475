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
  const setting: (() => void)[] = [];
  let refusals = 0;
  const lines = sources.map((source) => ({
    mid: source,
    receiver: { track: { kind: kindOf[source] } },
    setCodecPreferences: () => undefined,
    sender: {
      getParameters: () => ({ encodings: [{}] }),
      setParameters: async ({ encodings }: { encodings: { active: boolean }[] }) => {
        did.push(`${source} ${encodings[0]?.active ? "on" : "off"}`);
        if (refusals > 0) {
          refusals--;
          throw new Error("InvalidStateError");
        }
        await new Promise<void>((resolve) => setting.push(resolve));
      },
      replaceTrack: async (track: unknown) => {
        track !== null && did.push(`${source} carries`);
      },
    },
  }));
  /** What is being set is set. */
  const set = async () => {
    for (const done of setting.splice(0)) {
      done();
    }
    await new Promise((resolve) => setTimeout(resolve));
  };
  /** The next times that parameters are set are in vain. */
  const refuse = (times: number) => {
    refusals = times;
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
test("what was refused is set again, and not for ever", async () => {
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
  did.length = 0;
  refuse(2);
  outgoing.setViews([]);
  await set();
  expect(did).toEqual(["camera off", "camera off", "camera off"]);
  await set();
  did.length = 0;
  refuse(100);
  outgoing.setViews([{ source: "camera", width: 640, height: 360 }]);
  await set();
  expect(did.length).toBe(4);
});
