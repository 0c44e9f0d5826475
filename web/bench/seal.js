/**
 * One camera and microphone from one connection to another in the same page,
 * through the product's transforms or through ones that do nothing. seal.mjs
 * calls begin, take and end.
 */
import { Transforms } from "../src/link/transforms.ts";

const [width, height, rate] = [1280, 720, 30];
const bitsPerSecond = 2_500_000;

const random = (length) => crypto.getRandomValues(new Uint8Array(length));

/** A picture that moves and has enough in it that its bitrate is used. */
function draw() {
  const canvas = document.querySelector("canvas");
  const context = canvas.getContext("2d");
  const [columns, rows] = [160, 90];
  const noise = new OffscreenCanvas(columns, rows);
  const pixels = new Uint8ClampedArray(random(columns * rows * 4)).map((value, i) =>
    i % 4 === 3 ? 255 : value,
  );
  noise.getContext("2d").putImageData(new ImageData(pixels, columns, rows), 0, 0);
  let count = 0;
  setInterval(() => {
    count++;
    const away = 40 * (1 + Math.sin(count / 20));
    context.drawImage(noise, -away, -away, width + 2 * away, height + 2 * away);
  }, 1000 / rate);
  return canvas.captureStream(rate).getVideoTracks();
}

/** The product's page side of it: one session that has one epoch and is alone in it. */
function sealed() {
  const me = { id: "me", fingerprint: random(32) };
  const transforms = new Transforms(me.fingerprint);
  transforms.setEpochs([{ name: "epoch", number: Date.now(), key: random(32) }], "epoch");
  transforms.setSessions([me]);
  return {
    send: (sender, source) => transforms.send(sender, source),
    receive: (receiver, source) => transforms.receive(receiver).label({ from: me.id, source }),
    close: () => transforms.close(),
  };
}

function passed() {
  const worker = new Worker(new URL("passing.js", import.meta.url), { type: "module" });
  return {
    send: (sender) => {
      sender.transform = new RTCRtpScriptTransform(worker, { side: "send" });
    },
    receive: (receiver) => {
      receiver.transform = new RTCRtpScriptTransform(worker, { side: "receive" });
    },
    close: () => worker.terminate(),
  };
}

/** Begins at the full bitrate, so that no run is spent on getting there. */
function atOnce({ type, sdp }) {
  const [, payload] = /a=rtpmap:(\d+) VP8/.exec(sdp) ?? [];
  const kbits = bitsPerSecond / 1000;
  const line = `a=fmtp:${payload} x-google-start-bitrate=${kbits};x-google-min-bitrate=${kbits}\r\n`;
  return { type, sdp: sdp.replace(new RegExp(`a=rtpmap:${payload} .*\r\n`), `$&${line}`) };
}

async function connect(from, to, transforms, tracks) {
  from.onicecandidate = ({ candidate }) => to.addIceCandidate(candidate);
  to.onicecandidate = ({ candidate }) => from.addIceCandidate(candidate);
  for (const track of tracks) {
    const [source, encoding] =
      track.kind === "video" ? ["camera", { maxBitrate: bitsPerSecond }] : ["mic", {}];
    const line = from.addTransceiver(track, { direction: "sendonly", sendEncodings: [encoding] });
    // In this task: Chromium sends past a transform that comes later, in the clear.
    transforms.send(line.sender, source);
    if (track.kind === "video") {
      const { codecs } = RTCRtpSender.getCapabilities("video");
      line.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType === "video/VP8"));
      const parameters = line.sender.getParameters();
      parameters.degradationPreference = "maintain-resolution";
      await line.sender.setParameters(parameters);
    }
  }
  await from.setLocalDescription();
  await to.setRemoteDescription(from.localDescription);
  for (const { receiver } of to.getTransceivers()) {
    transforms.receive(receiver, receiver.track.kind === "video" ? "camera" : "mic");
  }
  const received = to.getTransceivers().map(({ receiver }) => receiver.track);
  document.querySelector("video").srcObject = new MediaStream(received);
  await to.setLocalDescription();
  await from.setRemoteDescription(atOnce(to.localDescription));
}

/** What has been received so far. */
async function received(connection) {
  for (const stats of (await connection.getStats()).values()) {
    if (stats.type === "inbound-rtp" && stats.kind === "video") {
      const { framesDecoded, bytesReceived, frameHeight, timestamp } = stats;
      return { framesDecoded, bytesReceived, frameHeight, timestamp };
    }
  }
  return { framesDecoded: 0 };
}

const channel = new BroadcastChannel("times");
const times = () =>
  new Promise((resolve) => {
    channel.addEventListener("message", ({ data }) => resolve(data), { once: true });
    channel.postMessage("now");
  });

const ways = { sealed, passed };
let tracks;
let running;

/** Resolves when pictures of the full size are decoded, and rejects when none are for long. */
window.begin = async (way) => {
  if (!crossOriginIsolated) {
    throw new Error("the clock is a coarse one: the page is not isolated");
  }
  tracks ??= [
    ...draw(),
    ...(await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks(),
  ];
  const [from, to, transforms] = [new RTCPeerConnection(), new RTCPeerConnection(), ways[way]()];
  running = { from, to, transforms };
  await connect(from, to, transforms, tracks);
  const limit = performance.now() + 10_000;
  while ((await received(to)).frameHeight !== height) {
    if (performance.now() > limit) {
      throw new Error(`${way}: no picture of the full size is decoded`);
    }
    await new Promise((soon) => setTimeout(soon, 50));
  }
};

/** What was received since the beginning, and the times of frames since the last call. */
window.take = async () => ({ ...(await received(running.to)), times: await times() });

window.end = () => {
  const { from, to, transforms } = running;
  from.close();
  to.close();
  transforms.close();
};
