/**
 * The worker through which every encoded frame passes: a thin shell around
 * FrameSealer and FrameOpener. It learns keys, sessions and labels from the page
 * (port.ts) and tells it what does not open. A frame that cannot be sealed is
 * dropped: there is no other way out of here.
 */
import { type Codec, codecOf } from "./frame";
import { MediaKeys } from "./keys";
import { FrameOpener, type Opened } from "./opener";
import type { FromWorker, Label, Source, ToWorker, TransformOptions } from "./port";
import { FrameSealer } from "./sealer";
import { type SharedSigns, Signs } from "./signs";

declare const self: DedicatedWorkerGlobalScope;

type Frame = RTCEncodedVideoFrame | RTCEncodedAudioFrame;
type Controller = TransformStreamDefaultController<Frame>;

/** The page is told of troubles this often at most. */
const reportMillis = 1_000;
/** The receiver is asked for a key frame this often at most. */
const askMillis = 500;

const keys = new MediaKeys();
const receivers = new Map<number, Receiver>();
/** Told before the transform was there. */
const labels = new Map<number, Label | undefined>();
let sealer: FrameSealer | undefined;

/** One receiving stream: the opener, and where its frames go. */
class Receiver {
  readonly #stream: number;
  readonly #transformer: RTCRtpScriptTransformer;
  readonly #opener = new FrameOpener<Frame>(keys);
  readonly #signs: Signs | undefined;
  #out: Controller | undefined;
  #waiting = false;
  #troubles = 0;
  #reported = Number.NEGATIVE_INFINITY;
  #asked = Number.NEGATIVE_INFINITY;

  constructor(
    stream: number,
    transformer: RTCRtpScriptTransformer,
    signs: SharedSigns | undefined,
  ) {
    this.#stream = stream;
    this.#transformer = transformer;
    this.#signs = signs && new Signs(signs);
  }

  async take(frame: Frame, out: Controller): Promise<void> {
    this.#out = out;
    if (frame.data.byteLength === 0) {
      return; // browsers pad sound with these: nothing was lost
    }
    this.#signs?.arrive(levelOf(frame));
    const isKey = !("type" in frame) || frame.type === "key";
    const data = new Uint8Array(frame.data);
    const now = performance.now();
    this.#pass(await this.#opener.push(now, codec(frame), data, frame, isKey));
    this.#tell(now);
  }

  label(label: Label | undefined): void {
    this.#pass(this.#opener.label(performance.now(), label));
  }

  rekeyed(): void {
    this.#opener.rekeyed();
    this.#ask();
  }

  #pass(opened: readonly Opened<Frame>[]): void {
    for (const { frame, data } of opened) {
      frame.data = data.buffer;
      this.#out?.enqueue(frame);
      this.#signs?.open();
    }
    this.#ask();
  }

  /** Rejects for audio, and for a receiver that is stopped: nothing to be asked for then. */
  #ask(): void {
    const now = performance.now();
    if (this.#opener.asks() && now - this.#asked >= askMillis) {
      this.#asked = now;
      this.#transformer.sendKeyFrameRequest().catch(() => undefined);
    }
  }

  #tell(now: number): void {
    const { waiting, troubles } = this.#opener;
    if (waiting !== this.#waiting) {
      this.#waiting = waiting;
      tell({ type: "waiting", stream: this.#stream, waiting });
    }
    const { noKey, altered, replayed, unlabelled } = troubles;
    const count = noKey + altered + replayed + unlabelled;
    if (count !== this.#troubles && now - this.#reported >= reportMillis) {
      this.#troubles = count;
      this.#reported = now;
      tell({ type: "trouble", stream: this.#stream, troubles: { ...troubles } });
    }
  }
}

self.onrtctransform = ({ transformer }) => {
  const options = transformer.options as TransformOptions;
  if (options.side === "send") {
    pipe(transformer, (frame, out) => send(options.source, frame, out));
    return;
  }
  const { stream, signs } = options;
  const receiver = new Receiver(stream, transformer, signs);
  receivers.set(stream, receiver);
  receiver.label(labels.get(stream));
  labels.delete(stream);
  pipe(transformer, (frame, out) => receiver.take(frame, out)).then(() => end(stream));
};

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case "self":
      sealer = new FrameSealer(keys, data.fingerprint);
      return;
    case "epochs":
      keys.setEpochs(data.held);
      sealer?.use(data.use);
      return rekeyed();
    case "sessions":
      keys.setSessions(data.sessions);
      return rekeyed();
    case "label":
      return relabel(data.stream, data.label);
    case "end":
      return end(data.stream);
  }
};

/** Settles when the connection ends, however it does. */
function pipe(
  { readable, writable }: RTCRtpScriptTransformer,
  transform: (frame: Frame, out: Controller) => Promise<void>,
): Promise<void> {
  return readable
    .pipeThrough(new TransformStream<Frame, Frame>({ transform }))
    .pipeTo(writable)
    .catch(() => undefined);
}

async function send(source: Source, frame: Frame, out: Controller): Promise<void> {
  const sealed = await sealer?.seal(source, codec(frame), new Uint8Array(frame.data));
  if (sealed !== undefined) {
    frame.data = sealed.buffer;
    out.enqueue(frame);
  }
}

function end(stream: number): void {
  receivers.delete(stream);
  labels.delete(stream);
}

function relabel(stream: number, label: Label | undefined): void {
  const receiver = receivers.get(stream);
  if (receiver === undefined) {
    labels.set(stream, label);
  } else {
    receiver.label(label);
  }
}

function rekeyed(): void {
  for (const receiver of receivers.values()) {
    receiver.rekeyed();
  }
}

/** Of sound, where the sender and the browser tell (webrtc-encoded-transform, audioLevel). */
function levelOf(frame: Frame): number | undefined {
  const told: object & { readonly audioLevel?: number } = frame.getMetadata();
  return told.audioLevel;
}

/** Where the browser does not tell, it is what everybody sends: VP8 and Opus. */
function codec(frame: Frame): Codec {
  const { mimeType } = frame.getMetadata();
  return codecOf(mimeType ?? ("type" in frame ? "video/VP8" : "audio/opus"));
}

function tell(message: FromWorker): void {
  self.postMessage(message);
}
