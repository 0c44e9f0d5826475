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

  add(code: Notice["code"], more: Pick<Notice, "name" | "trouble"> = {}): void {
    this.#last++;
    const notice: Notice = { id: this.#last, code, at: new Date(), ...more };
    this.#all.value = [...this.#all.peek(), notice].slice(-maxNotices);
  }

  dismiss(id: number): void {
    this.#all.value = this.#all.peek().filter((notice) => notice.id !== id);
  }
}
