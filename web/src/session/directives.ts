/**
 * The acting host's words on their way: signs those of this participant, checks
 * those of others, and keeps the envelope of what is in force for who has not
 * heard it.
 */
import { type Directive, decodeDirective, type Envelope } from "../protocol/codec";
import type { Envelopes } from "./envelopes";
import type { Reach } from "./reach";

export interface DirectivesOptions {
  readonly self: string;
  readonly session: () => number;
  readonly envelopes: Envelopes;
  readonly reach: Pick<Reach, "proclaim" | "show">;
  /** A directive that `from` signed. */
  readonly said: (from: string, directive: Directive) => void;
  readonly force: () => { readonly by: string; readonly directive: Directive | undefined };
}

/** More than the core ever holds at once. */
const maxKept = 16;

export class Directives {
  readonly #options: DirectivesOptions;
  /** By author, term and number, the newest last; a promise while it is being signed. */
  readonly #kept = new Map<string, Promise<Envelope>>();

  constructor(options: DirectivesOptions) {
    this.#options = options;
  }

  /** Signs a directive of one's own and sends it to everybody. */
  say(directive: Directive): void {
    const { self, envelopes, session } = this.#options;
    const envelope = envelopes.make(session(), "directive", directive);
    this.#keep(self, directive, envelope);
    void envelope.then((made) => this.#options.reach.proclaim(made));
  }

  /** Sends what is in force to somebody, or to everybody. */
  show(to: string | undefined): void {
    const { by, directive } = this.#options.force();
    const kept = directive && this.#kept.get(nameOf(by, directive));
    void kept?.then((envelope) => this.#options.reach.show(to, envelope));
  }

  /** A directive's envelope, not checked yet. */
  async take(envelope: Envelope): Promise<void> {
    if (!(await this.#options.envelopes.admits(envelope))) {
      return;
    }
    let directive: Directive;
    try {
      directive = decodeDirective(envelope.body);
    } catch {
      return;
    }
    this.#keep(envelope.from, directive, Promise.resolve(envelope));
    this.#options.said(envelope.from, directive);
  }

  #keep(by: string, directive: Directive, envelope: Promise<Envelope>): void {
    this.#kept.set(nameOf(by, directive), envelope);
    const { force } = this.#options;
    for (const name of [...this.#kept.keys()].slice(0, -maxKept)) {
      const { by: author, directive: inForce } = force();
      if (inForce === undefined || name !== nameOf(author, inForce)) {
        this.#kept.delete(name);
      }
    }
  }
}

const nameOf = (by: string, { term, seq }: Directive): string => `${by}/${term}/${seq}`;
