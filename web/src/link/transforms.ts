/**
 * Sealing and opening media on its way between the connection and the codecs:
 * one worker for the whole session, one transform per sender and receiver. Owns
 * the worker and what it is told; the keys are the session's to know.
 *
 *   const transforms = new Transforms(self.fingerprint, report);
 *   transforms.setEpochs(keys, inUse); transforms.setSessions(accepted);
 *   transforms.send(transceiver.sender, "camera");         // before the first frame
 *   const stream = transforms.receive(transceiver.receiver);
 *   stream.label({ from, source });                          // and whenever its slot changes
 *   stream.end();
 *
 * Attach both right after addTransceiver where this end offers, and right after
 * setRemoteDescription where it answers: in `ontrack` a receiver's transform
 * never sees a frame. Nothing is sent before the first epoch, and nothing of a
 * stream is shown before its label.
 */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { EpochKey } from "../e2ee/epoch";
import type {
  FromWorker,
  Label,
  Sender,
  Source,
  ToWorker,
  TransformOptions,
  Troubles,
} from "../e2ee/port";
import { Signs } from "../e2ee/signs";
import type { Bytes } from "../protocol/bytes";

/** Whether this browser can seal media: without it nobody joins. */
export function supported(): boolean {
  return (
    typeof Worker === "function" &&
    typeof RTCRtpScriptTransform === "function" &&
    typeof RTCRtpReceiver === "function" &&
    "transform" in RTCRtpReceiver.prototype
  );
}

/** A receiving media line, for as long as its connection lives. */
export interface Stream {
  /** Names it in reports. */
  readonly number: number;
  /** When something of it came; undefined where the worker cannot leave it for the page. */
  readonly signs: Signs | undefined;
  /** What it is to carry from now on; frames of anything else wait a moment and are dropped. */
  label(label: Label | undefined): void;
  /** The connection is closed. */
  end(): void;
}

/** Told when it changes: what of a stream was not taken, and whether it waits for key or label. */
export interface Report {
  trouble(stream: number, troubles: Troubles): void;
  waiting(stream: number, waiting: boolean): void;
}

export class Transforms {
  readonly #worker: Worker;
  readonly #failed = signal(false);
  #streams = 0;

  /** `fingerprint` is of this client's own session: one Transforms for one session key. */
  constructor(fingerprint: Bytes, report?: Report) {
    this.#worker = new Worker(new URL("../e2ee/worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === "trouble") {
        report?.trouble(data.stream, data.troubles);
      } else {
        report?.waiting(data.stream, data.waiting);
      }
    };
    this.#worker.onerror = () => {
      this.#failed.value = true;
    };
    this.#tell({ type: "self", fingerprint });
  }

  /** The worker could not be loaded, or broke: nothing flows, and nothing will. */
  get failed(): ReadonlySignal<boolean> {
    return this.#failed;
  }

  /**
   * The epochs that are held, and the name of the one in use for sending; whenever
   * the ring changes. The keys given (Epoch.media makes copies) are wiped.
   */
  setEpochs(held: readonly EpochKey[], use: string | undefined): void {
    this.#tell({ type: "epochs", held, use });
    for (const { key } of held) {
      key.fill(0); // the message has its own copy already
    }
  }

  /** Every accepted session but helpers'. Whenever one comes or goes. */
  setSessions(sessions: readonly Sender[]): void {
    this.#tell({ type: "sessions", sessions: sessions.map(named) });
  }

  /** Seals what the sender sends, as this source. Once for each sender. */
  send(sender: RTCRtpSender, source: Source): void {
    sender.transform = this.#transform({ side: "send", source });
  }

  /** Opens what the receiver receives, once it has a label. Once for each receiver. */
  receive(receiver: RTCRtpReceiver): Stream {
    this.#streams++;
    const number = this.#streams;
    const signs = Signs.create();
    receiver.transform = this.#transform({
      side: "receive",
      stream: number,
      signs: signs?.shared,
    });
    return {
      number,
      signs,
      label: (label) => this.#tell({ type: "label", stream: number, label }),
      end: () => this.#tell({ type: "end", stream: number }),
    };
  }

  /** Ends the worker and with it the keys it holds. Nothing flows after. */
  close(): void {
    this.#worker.onmessage = null;
    this.#worker.onerror = null;
    this.#worker.terminate();
  }

  #transform(options: TransformOptions): RTCRtpScriptTransform {
    return new RTCRtpScriptTransform(this.#worker, options);
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}

/** Nothing but what the worker needs. */
const named = ({ id, fingerprint }: Sender): Sender => ({ id, fingerprint });
