/**
 * Camera, microphone and speaker of this browser: what there is, what is
 * chosen, and the tracks. Nothing here rejects or blocks: a device that cannot
 * be had is a word in `trouble`, and the meeting goes on without it.
 */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals-core";
import { captureBoth, listDevices, onDeviceChange } from "./capture";
import { Capturer } from "./capturer";
import { type Choices, type Chosen, choicesOf, noChoices, pick } from "./choice";
import { meter } from "./level";
import type { CaptureKind, DeviceKind, DeviceTrouble } from "./trouble";

/** What is remembered between visits, kept by somebody else. */
export interface Preferences {
  readonly chosen: Chosen;
  readonly micOn: boolean;
  readonly cameraOn: boolean;
}

export class LocalDevices {
  readonly #choices = signal<Choices>(noChoices);
  readonly #wished = signal<Chosen>({
    microphone: undefined,
    camera: undefined,
    speaker: undefined,
  });
  readonly #level = signal(0);
  readonly #microphone: Capturer;
  readonly #camera: Capturer;
  readonly #remember: (preferences: Preferences) => void;
  readonly #preferred: Preferences;
  #started: Promise<void> | undefined;
  #stopWatching: (() => void) | undefined;
  #stopMeter: (() => void) | undefined;

  readonly trouble: ReadonlySignal<Readonly<Partial<Record<CaptureKind, DeviceTrouble>>>>;
  readonly chosen: ReadonlySignal<Chosen>;
  /** How often a device went away and another took its place. */
  readonly replaced: ReadonlySignal<number>;

  constructor(preferred: Preferences, remember: (preferences: Preferences) => void) {
    this.#preferred = preferred;
    this.#remember = remember;
    this.#wished.value = preferred.chosen;
    this.#microphone = new Capturer("microphone", () => this.#wished.value.microphone);
    this.#camera = new Capturer("camera", () => this.#wished.value.camera);
    this.trouble = computed(() => ({
      ...(this.#microphone.trouble.value && { microphone: this.#microphone.trouble.value }),
      ...(this.#camera.trouble.value && { camera: this.#camera.trouble.value }),
    }));
    this.replaced = computed(() => this.#microphone.replaced.value + this.#camera.replaced.value);
    this.chosen = computed(() => {
      const { microphone, camera, speaker } = this.#choices.value;
      const wished = this.#wished.value;
      // Read for their changes: which device is in use follows from the track.
      this.#microphone.track.value;
      this.#camera.track.value;
      return {
        microphone: pick(microphone, this.#microphone.deviceId, wished.microphone),
        camera: pick(camera, this.#camera.deviceId, wished.camera),
        speaker: pick(speaker, undefined, wished.speaker),
      };
    });
  }

  get choices(): ReadonlySignal<Choices> {
    return this.#choices;
  }
  get micOn(): ReadonlySignal<boolean> {
    return this.#microphone.on;
  }
  get cameraOn(): ReadonlySignal<boolean> {
    return this.#camera.on;
  }
  get micTrack(): ReadonlySignal<MediaStreamTrack | undefined> {
    return this.#microphone.track;
  }
  get cameraTrack(): ReadonlySignal<MediaStreamTrack | undefined> {
    return this.#camera.track;
  }
  get level(): ReadonlySignal<number> {
    return this.#level;
  }

  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  stop(): void {
    this.#started = undefined;
    this.#stopWatching?.();
    this.#stopMeter?.();
    this.#microphone.stop();
    this.#camera.stop();
    this.#level.value = 0;
  }

  async choose(kind: DeviceKind, id: string): Promise<void> {
    this.#wished.value = { ...this.#wished.value, [kind]: id };
    this.#save();
    if (kind === "microphone") {
      await this.#microphone.change();
    } else if (kind === "camera") {
      await this.#camera.change();
    }
  }

  async setMic(on: boolean): Promise<void> {
    await this.#microphone.set(on);
    this.#save();
  }

  async setCamera(on: boolean): Promise<void> {
    await this.#camera.set(on);
    this.#save();
  }

  async #start(): Promise<void> {
    this.#stopMeter = this.#measure();
    this.#stopWatching = onDeviceChange(() => void this.#changed());
    const { microphone, camera } = await captureBoth(this.#wished.value);
    if (this.#started === undefined) {
      // Stopped while the browser was asking.
      for (const captured of [microphone, camera]) {
        "track" in captured && captured.track.stop();
      }
      return;
    }
    this.#microphone.adopt(microphone, this.#preferred.micOn);
    this.#camera.adopt(camera, this.#preferred.cameraOn);
    await this.#list();
  }

  async #changed(): Promise<void> {
    const before = this.#choices.value;
    await this.#list();
    const after = this.#choices.value;
    for (const [kind, capturer] of [
      ["microphone", this.#microphone],
      ["camera", this.#camera],
    ] as const) {
      if (after[kind].length > before[kind].length && capturer.trouble.value === "missing") {
        capturer.forgive();
      }
    }
  }

  async #list(): Promise<void> {
    this.#choices.value = choicesOf(await listDevices());
  }

  #measure(): () => void {
    let stopMeter: (() => void) | undefined;
    const stopEffect = effect(() => {
      const track = this.#microphone.track.value;
      stopMeter?.();
      stopMeter = track && meter(track, (level) => (this.#level.value = level));
      if (track === undefined) {
        this.#level.value = 0;
      }
    });
    return () => {
      stopEffect();
      stopMeter?.();
    };
  }

  #save(): void {
    this.#remember({
      chosen: this.#wished.value,
      micOn: this.micOn.value || "microphone" in this.trouble.value,
      cameraOn: this.cameraOn.value || "camera" in this.trouble.value,
    });
  }
}
