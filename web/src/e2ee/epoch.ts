/**
 * One epoch: 32 random bytes from an acting host that every accepted session
 * has, and the signed statement that shows their digest. Owns the key and what
 * is derived from it; which epochs are held, and which is in use, is the Ring's.
 */
import { type Bytes, fromBase64Url, toBase64Url } from "../protocol/bytes";
import { decodeEpoch, encodeEpoch } from "../protocol/codec";
import { isSigned, signEnvelope } from "../protocol/envelope";
import { showMeetingId } from "../protocol/meeting";
import type { Envelope, Grant, Epoch as Statement } from "../protocol/messages.gen";
import type { Signer } from "./card";
import { hex, joined, same, text } from "./fields";
import type { MembershipKey } from "./membership";
import { expand, isSignature, keySize, macKey, sha256 } from "./primitives";
import { Refused } from "./refused";

/** Bytes of an epoch's ID. */
export const epochIdSize = 8;

/** What seals and opens media in an epoch, for who may have it: the worker. */
export interface EpochKey {
  /** Names the epoch in maps. */
  readonly name: string;
  readonly number: number;
  readonly key: Bytes;
}

export interface Beginning {
  readonly meeting: string;
  readonly who: Signer;
  /** The author's session number, and the number of this envelope in it. */
  readonly session: number;
  readonly seq: number;
  readonly number: number;
  readonly entry: Statement["entry"];
  /** 32 random bytes, used for nothing else. */
  readonly key: Bytes;
}

export class Epoch {
  /** The first bytes of `commit`. */
  readonly id: Bytes;
  /** The same as text, for maps. */
  readonly name: string;
  readonly commit: Bytes;
  readonly envelope: Envelope;
  readonly #statement: Statement;
  readonly #key: Bytes;
  /** Undefined once erased. */
  #deriving: CryptoKey | undefined;

  private constructor(envelope: Envelope, statement: Statement, key: Bytes, opened: Opened) {
    this.id = opened.commit.slice(0, epochIdSize);
    this.name = hex(this.id);
    this.commit = opened.commit;
    this.envelope = envelope;
    this.#statement = statement;
    this.#key = key;
    this.#deriving = opened.deriving;
  }

  /** A new one, with its author's statement. */
  static async begin(beginning: Beginning): Promise<Epoch> {
    const { meeting, who, session, seq, number, entry } = beginning;
    const key = beginning.key.slice();
    const opened = await openKey(key);
    const statement: Statement = { number, commit: toBase64Url(opened.commit), entry };
    const envelope = await signEnvelope(
      {
        meeting: showMeetingId(meeting),
        from: who.peerId,
        session,
        seq,
        kind: "epoch",
        body: encodeEpoch(statement),
      },
      (message) => who.sign(message),
    );
    return new Epoch(envelope, statement, key, opened);
  }

  /** Of a grant; rejects with Refused `forged` when its statement is not its author's, or of another key. */
  static async of(meeting: string, grant: Grant): Promise<Epoch> {
    const { envelope } = grant;
    const key = fromBase64Url(grant.key);
    const statement = statementOf(envelope);
    if (
      key?.length !== keySize ||
      statement === undefined ||
      showMeetingId(envelope.meeting) !== showMeetingId(meeting) ||
      !(await isSigned(envelope, isSignature))
    ) {
      throw new Refused("forged");
    }
    const opened = await openKey(key);
    if (statement.commit !== toBase64Url(opened.commit)) {
      throw new Refused("forged");
    }
    return new Epoch(envelope, statement, key, opened);
  }

  /** Rises from epoch to epoch: a clock, or one more than what was known. */
  get number(): number {
    return this.#statement.number;
  }

  /** Who began it. */
  get by(): string {
    return this.envelope.from;
  }

  /** Who may have it, as its author says. */
  get entry(): Statement["entry"] {
    return this.#statement.entry;
  }

  get erased(): boolean {
    return this.#deriving === undefined;
  }

  /** For another accepted session; with a membership key only from the host, to who came by invitation. */
  grant(renewed?: MembershipKey): Grant {
    const membership = renewed && { membership: renewed.granted() };
    return { envelope: this.envelope, key: toBase64Url(this.#alive()), ...membership };
  }

  /** The 32 bytes that the epoch gives for `label` and then `of`. */
  async derive(label: string, of: Bytes): Promise<Bytes> {
    if (this.#deriving === undefined) {
      throw new Refused("no-epoch");
    }
    return expand(this.#deriving, joined(text(label), of));
  }

  /** A copy of its key, for the worker that seals media. */
  media(): EpochKey {
    return { name: this.name, number: this.number, key: this.#alive().slice() };
  }

  /** Forgets the key: whatever is asked of it after is refused as of no epoch. */
  erase(): void {
    this.#key.fill(0);
    this.#deriving = undefined;
  }

  isId(id: Uint8Array): boolean {
    return same(this.id, id);
  }

  #alive(): Bytes {
    if (this.erased) {
      throw new Refused("no-epoch");
    }
    return this.#key;
  }
}

interface Opened {
  readonly commit: Bytes;
  readonly deriving: CryptoKey;
}

async function openKey(key: Bytes): Promise<Opened> {
  const [commit, deriving] = await Promise.all([
    sha256(joined(text("parley/1/epoch"), key)),
    macKey(key),
  ]);
  return { commit, deriving };
}

function statementOf({ kind, body }: Envelope): Statement | undefined {
  try {
    return kind === "epoch" ? decodeEpoch(body) : undefined;
  } catch {
    return undefined;
  }
}
