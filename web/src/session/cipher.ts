/**
 * Seals one's own lines of chat in the epoch in use, and opens those of others.
 * What is there before its epoch waits for it: not for long, and not in any number.
 */
import { effect } from "@preact/signals-core";
import type { Session } from "../e2ee/card";
import { openChat, sealChat } from "../e2ee/chat";
import { Refused } from "../e2ee/refused";
import type { Chat, Envelope } from "../protocol/codec";
import type { Epochs } from "./epochs";

const waitMillis = 10_000;
const maxWaiting = 200;
/** Of one author: nobody's lines push out those of everybody. */
const maxOfOne = 20;

export interface CipherOptions {
  readonly meetingId: string;
  readonly self: () => Session;
  readonly epochs: Pick<Epochs, "ring" | "inUse" | "held">;
}

export class Cipher {
  readonly #options: CipherOptions;
  /** How many wait, by author. */
  readonly #waiting = new Map<string, number>();

  constructor(options: CipherOptions) {
    this.#options = options;
  }

  /** The body of the envelope with that number; rejects with Refused `no-epoch` when none comes in time. */
  async seal(seq: number, chat: Chat): Promise<string> {
    const { meetingId: meeting, self, epochs } = this.#options;
    await this.#until(self().id, () => epochs.inUse.value !== undefined, waitMillis);
    const epoch = epochs.inUse.peek();
    if (epoch === undefined) {
      throw new Refused("no-epoch");
    }
    return sealChat(epoch, self(), { meeting, seq }, chat);
  }

  /** What an envelope says; rejects with Refused. */
  async open(envelope: Envelope): Promise<Chat> {
    const { ring, held } = this.#options.epochs;
    const until = Date.now() + waitMillis;
    for (;;) {
      const before = held.peek();
      try {
        return await openChat(ring, envelope);
      } catch (error) {
        const lacking = error instanceof Refused && error.why === "no-epoch";
        const left = until - Date.now();
        const changed = () => held.value !== before;
        if (!lacking || left <= 0 || !(await this.#until(envelope.from, changed, left))) {
          throw error;
        }
      }
    }
  }

  /** Whether it came to be so in time. */
  async #until(author: string, there: () => boolean, millis: number): Promise<boolean> {
    const own = this.#waiting.get(author) ?? 0;
    const all = [...this.#waiting.values()].reduce((sum, each) => sum + each, 0);
    if (own >= maxOfOne || all >= maxWaiting) {
      return false;
    }
    this.#waiting.set(author, own + 1);
    try {
      return await came(there, millis);
    } finally {
      const left = (this.#waiting.get(author) ?? 0) - 1;
      left > 0 ? this.#waiting.set(author, left) : this.#waiting.delete(author);
    }
  }
}

function came(there: () => boolean, millis: number): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => end(false), millis);
    let stop: (() => void) | undefined;
    let ended = false;
    const end = (so: boolean) => {
      ended = true;
      clearTimeout(late);
      stop?.();
      resolve(so);
    };
    stop = effect(() => {
      !ended && there() && end(true);
    });
    ended && stop();
  });
}
