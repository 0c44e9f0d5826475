/**
 * Who may come in, as this client knows it by itself: the host by what it
 * decided, everybody by the host's signed word or a stricter one. A rendezvous
 * can make it stricter, for one stay of the host's; when it says less than the
 * host does, the host is told.
 */
import type { Entry } from "../e2ee/doorkeeper";
import type { Gate } from "./gate";
import type { Memory } from "./memory";

export interface EntryOptions {
  readonly self: string;
  /** Whom this client takes for the meeting's host. */
  readonly host: string;
  readonly gate: Pick<Gate, "entry" | "setEntry">;
  readonly memory: Memory;
  /** The rendezvous has opened the host's meeting. */
  readonly relaxed: () => void;
}

/** What is known of it: of the host's own word, and what goes here. */
export interface Standpoint {
  readonly kept: Entry | undefined;
  readonly here: Entry;
}

/** How long the rendezvous may lag behind what the host decided. */
const lagMillis = 5_000;

export class EntryWord {
  readonly #options: EntryOptions;
  #told: Entry | undefined;
  /** Decisions that the rendezvous has not answered yet. */
  #asked = 0;
  #lag: ReturnType<typeof setTimeout> | undefined;

  constructor(options: EntryOptions) {
    this.#options = options;
  }

  /** By the rendezvous. Each answers whether everybody must be judged anew. */
  told(entry: Entry): boolean {
    this.#told = entry;
    const { gate } = this.#options;
    if (this.#isHost) {
      this.#doubt();
    } else if (entry === "invitation") {
      this.#keep(entry);
    }
    return gate.setEntry(entry, false);
  }

  /** By an acting host, signed with an epoch. The host's own word alone can be laxer. */
  stated(entry: Entry, by: string): boolean {
    const { self, host, gate } = this.#options;
    if (by === self) {
      return false; // it says what was so here when it was begun
    }
    const byHost = by === host;
    if (byHost) {
      this.#keep(entry);
    }
    return gate.setEntry(entry, byHost);
  }

  get now(): Standpoint {
    const { memory, gate } = this.#options;
    return { kept: memory.entry, here: gate.entry };
  }

  /** The host decides it, from here on and for every stay after; it is `answered` when the rendezvous has been asked. */
  decide(entry: Entry): boolean {
    this.#asked++;
    this.#doubt();
    this.#keep(entry);
    return this.#options.gate.setEntry(entry, true);
  }

  /** The rendezvous has `agreed` to a decision of the host's, or nobody knows. */
  answered(agreed: boolean): void {
    this.#asked--;
    agreed && this.#doubt();
  }

  /** Another decision has not come so far: all is as it was, but no laxer than was said since. */
  takeBack({ kept, here }: Standpoint): boolean {
    const { gate } = this.#options;
    this.#keep(kept ?? "any");
    const stricter = this.#told === "invitation" ? this.#told : here;
    return gate.setEntry(stricter, true);
  }

  end(): void {
    clearTimeout(this.#lag);
  }

  get #isHost(): boolean {
    return this.#options.self === this.#options.host;
  }

  get #contradicted(): boolean {
    const kept = this.#options.memory.entry;
    return this.#asked === 0 && this.#told === "any" && kept === "invitation";
  }

  #keep(entry: Entry): void {
    const { memory } = this.#options;
    entry === memory.entry || memory.keepEntry(entry);
  }

  /** The same word once more gives no more time. */
  #doubt(): void {
    if (this.#contradicted) {
      this.#lag ??= setTimeout(this.#options.relaxed, lagMillis);
    } else {
      clearTimeout(this.#lag);
      this.#lag = undefined;
    }
  }
}
