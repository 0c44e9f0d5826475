/** The lines of what happened in a room, the newest last. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Notice } from "./model";

const maxNotices = 50;

export class Notices {
  readonly #all = signal<readonly Notice[]>([]);
  #last = 0;

  get all(): ReadonlySignal<readonly Notice[]> {
    return this.#all;
  }

  add(code: Notice["code"], more: Pick<Notice, "name" | "trouble" | "alarm"> = {}): void {
    this.#last++;
    const notice: Notice = { id: this.#last, code, at: new Date(), ...more };
    const before = this.#all.peek();
    // An alarm stays until somebody has dismissed it, whatever else happens.
    const kept = before.length < maxNotices ? before : withoutOldest(before);
    this.#all.value = [...kept, notice];
  }

  dismiss(id: number): void {
    this.#all.value = this.#all.peek().filter((notice) => notice.id !== id);
  }
}

function withoutOldest(notices: readonly Notice[]): readonly Notice[] {
  const calm = notices.findIndex(({ code }) => code !== "alarm");
  return notices.filter((_, at) => at !== Math.max(0, calm));
}
