/**
 * The chat of a room: lines as sealed and signed envelopes over all links, the
 * history for who comes later, and what came while a link was away.
 */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Chat as Body, ControlMessage, Envelope } from "../protocol/codec";
import type { Cipher } from "./cipher";
import type { Envelopes } from "./envelopes";
import { History } from "./history";
import type { ChatLine, Result } from "./model";
import { randomName } from "./random";
import type { Reach } from "./reach";

const maxText = 4000;

export interface ChatOptions {
  readonly self: string;
  readonly session: () => number;
  readonly name: () => string;
  readonly envelopes: Envelopes;
  readonly cipher: Cipher;
  readonly reach: Pick<Reach, "send" | "spread">;
  /** Who else is in the room. */
  readonly others: () => readonly string[];
  /** Whether the meeting lets somebody write now. */
  readonly may: (id: string) => boolean;
  /** A line reached none of the others yet. */
  readonly unsent: () => void;
}

/** Own lines kept for somebody whose link is away. */
const maxOwed = 50;

export class Chat {
  readonly #options: ChatOptions;
  readonly #history = new History();
  readonly #lines = signal<readonly ChatLine[]>([]);
  readonly #unread = signal(0);
  readonly #owed = new Map<string, readonly Envelope[]>();

  constructor(options: ChatOptions) {
    this.#options = options;
  }

  get lines(): ReadonlySignal<readonly ChatLine[]> {
    return this.#lines;
  }
  get unread(): ReadonlySignal<number> {
    return this.#unread;
  }

  seen(): void {
    this.#unread.value = 0;
  }

  async say(text: string): Promise<Result<undefined>> {
    const { self, session, name, envelopes, cipher, others, may, reach } = this.#options;
    if (!may(self)) {
      return { ok: false, trouble: { code: "host-only" } };
    }
    if (text.trim() === "" || [...text].length > maxText) {
      return { ok: false, trouble: { code: "invalid", field: "text" } };
    }
    const body: Body = { id: randomName(), text, at: Date.now(), name: name() };
    let envelope: Envelope;
    try {
      envelope = await envelopes.write(session(), "chat", (seq) => cipher.seal(seq, body));
    } catch {
      return { ok: false, trouble: { code: "timeout" } }; // nothing is agreed on to seal it with
    }
    this.#add(envelope, body);
    const everybody = others();
    const missed = reach.spread(envelope).filter((to) => everybody.includes(to));
    for (const to of missed) {
      this.#owed.set(to, [...(this.#owed.get(to) ?? []), envelope].slice(-maxOwed));
    }
    if (missed.length > 0 && missed.length === everybody.length) {
      this.#options.unsent();
    }
    return { ok: true, value: undefined };
  }

  /** Somebody is reached (again): what was said without it follows. */
  reached(peer: string): void {
    const owed = this.#owed.get(peer) ?? [];
    this.#owed.delete(peer);
    for (const envelope of owed) {
      this.#options.reach.send(peer, { type: "envelope", envelope });
    }
  }

  /** A chat envelope of a link, not checked yet. `live` when its author is here and says it now. */
  async take(envelope: Envelope, live: boolean): Promise<void> {
    const { self, envelopes, cipher, others, may } = this.#options;
    const isHere = live || others().includes(envelope.from);
    if ((isHere && !may(envelope.from)) || !(await envelopes.admits(envelope))) {
      return;
    }
    let body: Body;
    try {
      body = await cipher.open(envelope);
    } catch {
      return; // said before this one came, or to nobody
    }
    if (body.to === undefined || body.to === self) {
      this.#add(envelope, body);
      if (live) {
        this.#unread.value++;
      }
    }
  }

  async takeHistory(envelopes: readonly Envelope[]): Promise<void> {
    const chats = envelopes.filter((envelope) => envelope.kind === "chat");
    await Promise.all(chats.map((envelope) => this.take(envelope, false)));
  }

  /** What a newcomer is told, in messages that each fit a link. */
  told(): readonly ControlMessage[] {
    return this.#history.parts().map((envelopes) => ({ type: "history", envelopes }));
  }

  #add(envelope: Envelope, body: Body): void {
    if (body.to === undefined) {
      this.#history.add(envelope, body.at);
    }
    const line: ChatLine = {
      id: `${envelope.from}/${envelope.session}/${envelope.seq}`,
      from: envelope.from,
      name: body.name,
      isSelf: envelope.from === this.#options.self,
      text: body.text,
      // A clock that runs ahead must not pin its line to the end for ever.
      at: new Date(Math.min(body.at, Date.now())),
    };
    this.#lines.value = inserted(this.#lines.value, line);
  }
}

const maxLines = 1000;

/** By time; lines of one moment in the order in which they came. */
export function inserted(lines: readonly ChatLine[], line: ChatLine): readonly ChatLine[] {
  const at = lines.findLastIndex((each) => each.at <= line.at) + 1;
  return [...lines.slice(0, at), line, ...lines.slice(at)].slice(-maxLines);
}
