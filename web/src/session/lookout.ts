/**
 * Looks out for people who are kept apart from this client: tells what decides
 * about it how the links of the plan are, and asks it again when that is due.
 */
import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import { Apart } from "./apart";
import type { Party } from "./gate";
import type { Gathering } from "./gathering";
import type { Links } from "./links";

export interface LookoutOptions {
  readonly gathering: Pick<Gathering, "wanted">;
  readonly links: Pick<Links, "up">;
  /** The number of one's own session. */
  readonly session: () => number;
  /** The key of somebody's session; "" where it is not known. */
  readonly keyOf: (party: Party) => string;
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
    const { gathering, links, online, session, keyOf } = options;
    this.#end = effect(() => {
      const plan = gathering.wanted.value.map((line) => ({
        ...line,
        up: links.up(line),
        key: keyOf({ id: line.peer, session: line.session }),
        later: line.session > session(),
      }));
      this.#apart.look(performance.now(), online(), plan);
      untracked(() => this.#tell());
    });
  }

  /** To whom no way is found. */
  get unreachable(): ReadonlySignal<ReadonlySet<string>> {
    return this.#unreachable;
  }

  /** Something was opened that a session sealed. */
  heard(from: Party): void {
    this.#apart.heard(performance.now(), from) && this.#tell();
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
