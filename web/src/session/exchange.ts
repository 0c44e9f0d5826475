/**
 * What participants tell each other over their links' control channels:
 * envelopes, each to the part that it is for, and the history for newcomers.
 */
import type { Link } from "../link/link";
import type { ControlMessage, Directive, Envelope } from "../protocol/codec";
import { Adverts } from "./adverts";
import { Chat } from "./chat";
import type { Cipher } from "./cipher";
import { Directives } from "./directives";
import type { Envelopes } from "./envelopes";
import type { Gathering } from "./gathering";
import { Newcomer } from "./newcomer";
import type { Reach } from "./reach";

/** protocol.MaxHistory: of all the parts in which it comes. */
const maxHistory = 200;

export interface ExchangeOptions {
  readonly self: string;
  readonly envelopes: Envelopes;
  readonly cipher: Cipher;
  readonly session: () => number;
  readonly name: () => string;
  readonly gathering: Gathering;
  readonly reach: Reach;
  /** Whether the meeting lets somebody write now. */
  readonly may: (id: string) => boolean;
  /** A line reached none of the others yet. */
  readonly unsent: () => void;
}

export class Exchange {
  readonly chat: Chat;
  readonly #gathering: Gathering;
  readonly #directives: Directives;
  readonly #adverts: Adverts;
  readonly #newcomer = new Newcomer();
  /** Whom this end asked for the history, and how many envelopes of it may still come. */
  readonly #asked = new WeakMap<Link, number>();

  constructor(options: ExchangeOptions) {
    const { self, envelopes, session, reach, gathering } = options;
    const common = { self, envelopes, session, reach };
    this.#gathering = gathering;
    this.#adverts = new Adverts({
      ...common,
      advertised: (from, capacity) => gathering.happened({ type: "advert", from, capacity }),
    });
    this.chat = new Chat({
      ...common,
      cipher: options.cipher,
      others: () => gathering.others(),
      name: options.name,
      may: options.may,
      unsent: options.unsent,
    });
    this.#directives = new Directives({
      ...common,
      said: (from, directive) => gathering.happened({ type: "said", from, directive }),
      force: () => gathering.force,
    });
  }

  /** Signs a directive of one's own and sends it to everybody. */
  say(directive: Directive): void {
    this.#directives.say(directive);
  }

  /** Sends the directive in force to somebody, or to everybody. */
  show(to: string | undefined): void {
    this.#directives.show(to);
  }

  /** Tells the room what is lost of what the SFU sends here. */
  advertise(lossMille: number): void {
    void this.#adverts.say(lossMille);
  }

  /** Somebody is reached through the SFU. */
  reached(peer: string): void {
    this.chat.reached(peer);
  }

  /** A link's control channel opened. */
  opened(link: Link): void {
    this.chat.reached(link.peer);
    if (this.#newcomer.asks(link.peer) && link.send({ type: "history_request" })) {
      this.#asked.set(link, maxHistory);
    }
  }

  take(link: Link, message: ControlMessage): void {
    switch (message.type) {
      case "envelope":
        this.envelope(message.envelope);
        break;
      case "history_request":
        if (this.#newcomer.answers(link.peer, performance.now())) {
          for (const part of this.chat.told()) {
            link.send(part);
          }
        }
        break;
      case "history":
        this.#told(link, message.envelopes);
        break;
      default:
        break; // view and slots are the link's own, and whom an SFU has is the session's
    }
  }

  /** What nobody asked for would let anybody say what the meeting does not let them. */
  #told(link: Link, envelopes: readonly Envelope[]): void {
    const left = (this.#asked.get(link) ?? 0) - envelopes.length;
    if (left >= 0) {
      this.#asked.set(link, left);
      void this.chat.takeHistory(envelopes);
    }
  }

  /** One that came over a link, or by the rendezvous; not checked yet. */
  envelope(envelope: Envelope): void {
    if (!this.#gathering.hasPerson(envelope.from)) {
      return; // keys cost nothing: only who was let in is listened to
    }
    switch (envelope.kind) {
      case "chat":
        void this.chat.take(envelope, true);
        break;
      case "directive":
        void this.#directives.take(envelope);
        break;
      case "capacity":
        void this.#adverts.take(envelope);
        break;
    }
  }
}
