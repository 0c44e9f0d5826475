/** Listens to everybody's level ten times a second and keeps who speaks. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import { hear, isSpeaking, silent } from "./speaker";

const everyMillis = 100;

export class Stage {
  readonly #speaking = signal<ReadonlySet<string>>(new Set());
  readonly #speaker = signal<string | undefined>(undefined);
  readonly #timer: ReturnType<typeof setInterval>;
  #voices = silent;

  /** `levels` gives the loudness of everybody who is there, 0…1. */
  constructor(levels: () => ReadonlyMap<string, number>) {
    this.#timer = setInterval(() => this.#listen(levels()), everyMillis);
  }

  get speaking(): ReadonlySignal<ReadonlySet<string>> {
    return this.#speaking;
  }
  get speaker(): ReadonlySignal<string | undefined> {
    return this.#speaker;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #listen(levels: ReadonlyMap<string, number>): void {
    const now = performance.now();
    this.#voices = hear(this.#voices, levels, now);
    const speaking = new Set([...levels.keys()].filter((id) => isSpeaking(this.#voices, id, now)));
    const before = this.#speaking.peek();
    if (speaking.size !== before.size || [...speaking].some((id) => !before.has(id))) {
      this.#speaking.value = speaking;
    }
    this.#speaker.value = this.#voices.speaker;
  }
}
