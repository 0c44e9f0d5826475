/** Everything of one's own that is sent: the tracks by source, and the presence that goes with them. */
import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Tracks } from "../link/outgoing";
import type { LocalDevices } from "../media/devices";
import type { Presence } from "../protocol/codec";
import type { Sharing } from "./sharing";

export class Outlet {
  readonly #name = signal("");
  readonly #hand = signal(false);
  readonly tracks: ReadonlySignal<Tracks>;
  readonly presence: ReadonlySignal<Presence>;

  constructor(devices: LocalDevices, sharing: Sharing, name: string) {
    this.#name.value = name;
    this.tracks = computed(() => {
      const screen = sharing.screen.value;
      return {
        ...(devices.micTrack.value && { mic: devices.micTrack.value }),
        ...(devices.cameraTrack.value && { camera: devices.cameraTrack.value }),
        ...(screen && { screen: screen.video }),
        ...(screen?.audio && { "screen-audio": screen.audio }),
      };
    });
    this.presence = computed(() => ({
      name: this.#name.value,
      mic: devices.micOn.value,
      camera: devices.cameraOn.value,
      screen: sharing.screen.value !== undefined,
      hand: this.#hand.value,
    }));
  }

  rename(name: string): void {
    this.#name.value = name;
  }

  raise(up: boolean): void {
    this.#hand.value = up;
  }
}
