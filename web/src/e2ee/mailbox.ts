/**
 * Sealed boxes: what one session tells another, or everybody, through whoever
 * passes it on. Owns the keys between sessions, their counters and replay
 * windows; what to say, and the alarm about what does not open, is the caller's.
 */
import { type Bytes, fromBase64Url } from "../protocol/bytes";
import { showMeetingId } from "../protocol/meeting";
import type { BoxMessage } from "../protocol/messages.gen";
import { publicKeyOf } from "../protocol/peer-id";
import {
  type Box,
  boxForAll,
  boxForOne,
  dataOfOne,
  decodeMessages,
  encodeMessages,
  headOfAll,
  maxMessages,
  parseBox,
} from "./box";
import type { Session, Signer } from "./card";
import type { Epoch } from "./epoch";
import { hex, joined, text } from "./fields";
import { isSignature, keySize, open, seal, sealingKey } from "./primitives";
import { Refused } from "./refused";
import type { Ring } from "./ring";
import type { SessionKey } from "./sessionkey";
import { Window } from "./window";

const signatureSize = 64;
/** Encapsulations that are kept of one sender: it makes one, and another after it forgot. */
const maxPaths = 4;
/** More senders, and more of them in more epochs, than any room has. */
const maxSenders = 4096;

/** What this session seals to another one with. */
interface Outbox {
  readonly enc: Bytes;
  readonly key: CryptoKey;
  readonly signature: Bytes;
  counter: number;
}

/** What another session seals to this one with. */
interface Inbox {
  readonly enc: string;
  readonly key: CryptoKey;
  /** The signature that was verified; undefined until one was. */
  signature: Bytes | undefined;
  readonly window: Window;
}

export interface MailboxOptions {
  readonly meeting: string;
  readonly who: Signer;
  readonly key: SessionKey;
  /** This client's own session. */
  readonly self: Session;
}

export class Mailbox {
  readonly #meeting: string;
  readonly #who: Signer;
  readonly #key: SessionKey;
  readonly #self: Session;
  readonly #out = new Map<string, Promise<Outbox>>();
  readonly #in = new Map<string, Inbox[]>();
  readonly #opening = new Map<string, Promise<Inbox>>();
  readonly #broadcasts = new Map<string, Window>();

  constructor({ meeting, who, key, self }: MailboxOptions) {
    this.#meeting = meeting;
    this.#who = who;
    this.#key = key;
    this.#self = self;
  }

  /** One box of 1 to 8 messages. Rejects with a RangeError for more, or for more than a box holds. */
  async seal(to: Session, ...messages: readonly BoxMessage[]): Promise<string> {
    if (messages.length < 1 || messages.length > maxMessages) {
      throw new RangeError("a box holds 1 to 8 messages");
    }
    const out = await this.#outbox(to);
    out.counter++;
    const counter = out.counter;
    const plain = joined(out.signature, encodeMessages(messages));
    const sealed = await seal(out.key, counter, dataOfOne(counter), plain);
    return boxForOne(out.enc, counter, sealed);
  }

  /**
   * What a box of `from` says. Rejects with Refused: `altered` when it is not
   * whole or not of `from`, `replayed` for one that came before, `no-epoch` for
   * one to everybody whose epoch is not held.
   */
  async open(from: Session, box: string, epochs: Ring): Promise<readonly BoxMessage[]> {
    const parsed = parseBox(box);
    return parsed.to === "one"
      ? this.#openOne(from, parsed)
      : [await this.#openAll(from, parsed, epochs)];
  }

  /** One box for everybody who has the epoch. */
  async sealAll(epoch: Epoch, message: Extract<BoxMessage, { type: "envelope" }>): Promise<string> {
    const counter = this.#key.nextBroadcast();
    const key = await broadcastKey(epoch, this.#self);
    const head = headOfAll(epoch.id, counter);
    return boxForAll(head, await seal(key, counter, head, encodeMessages([message])));
  }

  /** The first box from this session has opened already. */
  hasHeard({ fingerprint }: Session): boolean {
    return this.#in.has(hex(fingerprint));
  }

  /** A session is gone for good. */
  forget(fingerprint: Uint8Array): void {
    const name = hex(fingerprint);
    this.#out.delete(name);
    this.#in.delete(name);
    for (const window of this.#broadcasts.keys()) {
      if (window.startsWith(name)) {
        this.#broadcasts.delete(window);
      }
    }
  }

  #outbox(to: Session): Promise<Outbox> {
    const name = hex(to.fingerprint);
    const kept = this.#out.get(name);
    if (kept !== undefined) {
      return kept;
    }
    const made = this.#encapsulate(to);
    this.#out.set(name, made);
    dropOldest(this.#out); // it is encapsulated to anew
    made.catch(() => this.#out.delete(name));
    return made;
  }

  async #encapsulate(to: Session): Promise<Outbox> {
    const publicKey = fromBase64Url(to.card.key) ?? new Uint8Array();
    const info = this.#info(this.#self, to);
    const { enc, key } = await this.#key.encapsulate(publicKey, info);
    const signature = new Uint8Array(await this.#who.sign(this.#signed(this.#self, to, enc)));
    return { enc, key: await sealingKey(key), signature, counter: 0 };
  }

  async #openOne(
    from: Session,
    { enc, counter, sealed }: Extract<Box, { to: "one" }>,
  ): Promise<readonly BoxMessage[]> {
    const inbox = await this.#inbox(from, enc);
    if (!inbox.window.fresh(counter)) {
      throw new Refused("replayed");
    }
    const plain = await open(inbox.key, counter, dataOfOne(counter), sealed);
    if (plain === undefined || !(await this.#isOf(from, enc, inbox, plain))) {
      throw new Refused("altered");
    }
    // Asked again: the same box may have been opened twice at once.
    const { window } = this.#keep(from, inbox);
    if (!window.fresh(counter)) {
      throw new Refused("replayed");
    }
    window.take(counter);
    return decodeMessages(plain.subarray(signatureSize), maxMessages);
  }

  /** Whoever knows a card can seal to it: only the signature tells who did. */
  async #isOf(from: Session, enc: Bytes, inbox: Inbox, plain: Bytes): Promise<boolean> {
    const signature = plain.slice(0, signatureSize);
    if (inbox.signature !== undefined) {
      return hex(inbox.signature) === hex(signature);
    }
    const identity = publicKeyOf(from.id);
    const message = this.#signed(from, this.#self, enc);
    const good = identity !== undefined && (await isSignature(identity, signature, message));
    if (good) {
      inbox.signature = signature;
    }
    return good;
  }

  async #inbox(from: Session, enc: Bytes): Promise<Inbox> {
    const name = hex(enc);
    const kept = this.#in.get(hex(from.fingerprint))?.find((each) => each.enc === name);
    if (kept !== undefined) {
      return kept;
    }
    // Two boxes may come while the first one's key is computed: they share the window.
    const path = `${hex(from.fingerprint)} ${name}`;
    const before = this.#opening.get(path);
    if (before !== undefined) {
      return before;
    }
    const opening = this.#decapsulate(from, enc, name);
    this.#opening.set(path, opening);
    return opening.finally(() => this.#opening.delete(path));
  }

  async #decapsulate(from: Session, enc: Bytes, name: string): Promise<Inbox> {
    const key = await this.#key
      .decapsulate(enc, this.#info(from, this.#self))
      .catch(() => new Uint8Array(keySize)); // no point of the curve: opens nothing that anybody signed
    return { enc: name, key: await sealingKey(key), signature: undefined, window: new Window() };
  }

  /** Only what was signed is kept: others must not push it out. The one that is kept of this enc. */
  #keep(from: Session, inbox: Inbox): Inbox {
    const name = hex(from.fingerprint);
    const kept = this.#in.get(name) ?? [];
    const before = kept.find(({ enc }) => enc === inbox.enc);
    if (before !== undefined) {
      return before;
    }
    this.#in.delete(name);
    this.#in.set(name, [...kept, inbox].slice(-maxPaths));
    dropOldest(this.#in);
    return inbox;
  }

  async #openAll(
    from: Session,
    { epoch: id, counter, head, sealed }: Extract<Box, { to: "all" }>,
    epochs: Ring,
  ): Promise<BoxMessage> {
    const epoch = epochs.find(id);
    if (epoch === undefined) {
      throw new Refused("no-epoch");
    }
    const name = `${hex(from.fingerprint)} ${epoch.name}`;
    if (this.#broadcasts.get(name)?.fresh(counter) === false) {
      throw new Refused("replayed");
    }
    const key = await broadcastKey(epoch, from);
    const plain = await open(key, counter, head, sealed);
    if (plain === undefined) {
      throw new Refused("altered");
    }
    const window = this.#broadcasts.get(name) ?? new Window();
    if (!window.fresh(counter)) {
      throw new Refused("replayed");
    }
    window.take(counter);
    this.#broadcasts.set(name, window);
    dropOldest(this.#broadcasts);
    const [message] = decodeMessages(plain, 1);
    if (message?.type !== "envelope") {
      throw new Refused("altered");
    }
    return message;
  }

  #info(from: Session, to: Session): Bytes {
    return joined(
      text("parley/1/box"),
      text(showMeetingId(this.#meeting)),
      from.fingerprint,
      to.fingerprint,
    );
  }

  #signed(from: Session, to: Session, enc: Bytes): Bytes {
    return joined(
      text("parley/1/box-sender"),
      text(showMeetingId(this.#meeting)),
      from.fingerprint,
      to.fingerprint,
      text(enc),
    );
  }
}

async function broadcastKey(epoch: Epoch, { fingerprint }: Session): Promise<CryptoKey> {
  return sealingKey(await epoch.derive("parley/1/broadcast", fingerprint));
}

function dropOldest(map: Map<string, unknown>): void {
  if (map.size > maxSenders) {
    const [oldest = ""] = map.keys();
    map.delete(oldest);
  }
}
