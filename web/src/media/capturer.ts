/** One kind of capture device: its track, whether it is on, and what is wrong with it. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import { type Captured, capture } from "./capture";
import type { CaptureKind, DeviceTrouble } from "./trouble";

export class Capturer {
  readonly #kind: CaptureKind;
  readonly #track = signal<MediaStreamTrack | undefined>(undefined);
  readonly #on = signal(false);
  readonly #trouble = signal<DeviceTrouble | undefined>(undefined);
  readonly #replaced = signal(0);
  /** Live while off, where turning on again must be instant (the microphone). */
  #held: MediaStreamTrack | undefined;
  /** Operations follow each other; two quick clicks must not open two devices. */
  #last: Promise<unknown> = Promise.resolve();
  #stopped = false;
  readonly #wished: () => string | undefined;

  constructor(kind: CaptureKind, wished: () => string | undefined) {
    this.#kind = kind;
    this.#wished = wished;
  }

  /** The track that is sent and shown; undefined while off. */
  get track(): ReadonlySignal<MediaStreamTrack | undefined> {
    return this.#track;
  }

  get on(): ReadonlySignal<boolean> {
    return this.#on;
  }

  get trouble(): ReadonlySignal<DeviceTrouble | undefined> {
    return this.#trouble;
  }

  /** How often a device went away and another took its place. */
  get replaced(): ReadonlySignal<number> {
    return this.#replaced;
  }

  get deviceId(): string | undefined {
    return this.#held?.getSettings().deviceId;
  }

  /** Takes what a request for both kinds brought. */
  adopt(captured: Captured, on: boolean): void {
    this.#stopped = false;
    if ("trouble" in captured) {
      this.#fail(captured.trouble);
      return;
    }
    this.#take(captured.track);
    this.#switch(on);
  }

  set(on: boolean): Promise<void> {
    return this.#next(async () => {
      if (on && this.#held?.readyState !== "live") {
        await this.#open();
      } else {
        this.#switch(on);
      }
    });
  }

  /** Changes to the wished device, on or off as it was; the old track flows until the new one is there. */
  change(): Promise<void> {
    return this.#next(async () => {
      if (this.#on.value) {
        await this.#open();
      } else {
        this.#release();
      }
    });
  }

  /** Forgets what was wrong, when a device was plugged in. */
  forgive(): void {
    this.#trouble.value = undefined;
  }

  stop(): void {
    this.#stopped = true;
    this.#release();
    this.#on.value = false;
    this.#track.value = undefined;
  }

  #next(operation: () => Promise<void>): Promise<void> {
    const result = this.#last.then(operation);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #open(): Promise<void> {
    const wasOn = this.#on.value;
    this.#stopped = false;
    const captured = await capture(this.#kind, this.#wished());
    if ("trouble" in captured) {
      if (!wasOn || this.#held?.readyState !== "live") {
        this.#fail(captured.trouble);
      } else {
        this.#trouble.value = captured.trouble; // the old device goes on
      }
      return;
    }
    if (this.#stopped) {
      captured.track.stop(); // stopped while the browser was asking
      return;
    }
    this.#take(captured.track);
    this.#switch(true);
  }

  #take(track: MediaStreamTrack): void {
    const before = this.#held;
    this.#held = track;
    this.#trouble.value = undefined;
    // Fires when the device is unplugged or taken away, never for our own stop().
    track.addEventListener("ended", () => {
      if (this.#held === track) {
        void this.#next(() => this.#vanished(track));
      }
    });
    if (this.#on.value) {
      this.#track.value = track;
    }
    before?.stop();
  }

  async #vanished(track: MediaStreamTrack): Promise<void> {
    if (this.#held !== track || this.#stopped) {
      return;
    }
    if (this.#on.value) {
      await this.#open(); // another device, where there is one
      if (this.#on.value) {
        this.#replaced.value++;
      }
    } else {
      this.#release();
    }
  }

  #switch(on: boolean): void {
    const track = this.#held;
    if (track === undefined) {
      this.#on.value = false;
      return;
    }
    track.enabled = on;
    this.#on.value = on;
    this.#track.value = on ? track : undefined;
    if (!on && this.#kind === "camera") {
      this.#release(); // its light goes out
    }
  }

  #fail(trouble: DeviceTrouble): void {
    this.#release();
    this.#on.value = false;
    this.#track.value = undefined;
    this.#trouble.value = trouble;
  }

  #release(): void {
    this.#held?.stop();
    this.#held = undefined;
  }
}
