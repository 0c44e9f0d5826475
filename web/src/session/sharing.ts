/** The screen that this participant shares, with its sound. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import { captureScreen, release, type Screen } from "../media/screen";

export class Sharing {
  readonly #screen = signal<Screen | undefined>(undefined);
  #asking = false;
  #ended = false;

  get screen(): ReadonlySignal<Screen | undefined> {
    return this.#screen;
  }

  /** "denied" when the browser does not let it happen; undefined when it runs or was called off. */
  async start(): Promise<"denied" | undefined> {
    if (this.#asking || this.#screen.value !== undefined) {
      return undefined;
    }
    this.#asking = true;
    const screen = await captureScreen();
    this.#asking = false;
    if (screen === "denied" || screen === "cancelled") {
      return screen === "denied" ? "denied" : undefined;
    }
    if (this.#ended) {
      release(screen);
      return undefined;
    }
    // The browser's own "Stop sharing" bar ends the track.
    screen.video.addEventListener("ended", () => this.stop());
    this.#screen.value = screen;
    return undefined;
  }

  stop(): void {
    const screen = this.#screen.value;
    this.#screen.value = undefined;
    if (screen !== undefined) {
      release(screen);
    }
  }

  /** With the room: a screen that is granted too late is let go of. */
  end(): void {
    this.#ended = true;
    this.stop();
  }
}
