/**
 * Looks out for people who are kept apart from this client: tells what decides
 * about it how the links of the plan are, and asks it again when that is due.
 */
import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import { Apart } from "./apart";
import type { Gathering } from "./gathering";
import type { Links } from "./links";

export interface LookoutOptions {
  readonly gathering: Pick<Gathering, "wanted">;
  readonly links: Pick<Links, "up">;
  /** Whether one's own rendezvous is there. */
  readonly online: () => boolean;
  /** No way to somebody is found. */
  readonly lacking: (id: string) => void;
}

export class Lookout {
  readonly #options: LookoutOptions;
  readonly #apart = new Apart();
  readonly #unreachable = signal<ReadonlySet<string>>(new Set());
  readonly #end: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LookoutOptions) {
    this.#options = options;
    const { gathering, links, online } = options;
    this.#end = effect(() => {
      const plan = gathering.wanted.value.map((line) => ({ ...line, up: links.up(line) }));
      this.#apart.look(performance.now(), online(), plan);
      untracked(() => this.#tell());
    });
  }

  /** To whom no way is found. */
  get unreachable(): ReadonlySignal<ReadonlySet<string>> {
    return this.#unreachable;
  }

  end(): void {
    this.#end();
    clearTimeout(this.#timer);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    const before = this.#unreachable.peek();
    const unreachable = this.#apart.unreachable(now);
    const more = [...unreachable].filter((id) => !before.has(id));
    if (more.length > 0 || unreachable.size !== before.size) {
      this.#unreachable.value = unreachable;
    }
    more.forEach(this.#options.lacking);
    const wait = this.#apart.deadline(now) - now;
    if (wait !== Number.POSITIVE_INFINITY) {
      this.#timer = setTimeout(() => this.#tell(), Math.ceil(wait));
    }
  }
}
