/**
 * The keys of media: epochs × accepted sessions × sources, each derived when
 * the first frame asks for it. Owns key IDs and how far each sender has counted;
 * sealing and opening frames are FrameSealer's and FrameOpener's.
 */
import type { Bytes } from "../protocol/bytes";
import type { EpochKey } from "./epoch";
import { hex, joined, text } from "./fields";
import type { Sender, Source } from "./port";
import { expand, macKey } from "./primitives";
import { Key } from "./sframe";

/** In the order of their numbers in a key ID. */
const sources: readonly Source[] = ["mic", "camera", "screen", "screen-audio"];

/** A key ID is 12 bits of the epoch's number, 32 of the session's fingerprint and 4 of the source. */
const epochsInKid = 4096;
const tagFactor = 2 ** 4;
const epochFactor = 2 ** 36;
const tags = 2 ** 32;

/** AES_128_GCM_SHA256_128 (RFC 9605 section 4.5). */
const suite = 4;
/** Per epoch: four of each session that a room can have. */
const maxOrigins = 4096;

/** One source of one session in one epoch: what one key is for. */
export interface Origin {
  readonly from: string;
  readonly source: Source;
  readonly key: Promise<Key>;
  /** The highest counter that was authentic, over all streams; -1 for none. */
  highest: number;
}

interface HeldEpoch {
  readonly number: number;
  readonly deriving: Promise<CryptoKey>;
  /** By fingerprint and source. What was counted stays when a session goes: it may come back. */
  readonly origins: Map<string, Origin>;
}

interface Accepted extends Sender {
  readonly name: string;
}

export class MediaKeys {
  readonly #epochs = new Map<string, HeldEpoch>();
  #sessions: ReadonlyMap<number, readonly Accepted[]> = new Map();
  /** By key ID, what was found since epochs or sessions changed: every frame asks. */
  readonly #found = new Map<number, readonly Origin[]>();

  /** Every epoch that is held now: the keys of others are forgotten. The keys given are wiped. */
  setEpochs(held: readonly EpochKey[]): void {
    this.#found.clear();
    const names = new Set(held.map(({ name }) => name));
    for (const name of this.#epochs.keys()) {
      if (!names.has(name)) {
        this.#epochs.delete(name);
      }
    }
    for (const { name, number, key } of held) {
      if (!this.#epochs.has(name)) {
        this.#epochs.set(name, { number, deriving: macKey(key), origins: new Map() });
      }
      key.fill(0); // importKey has taken its copy
    }
  }

  /** Every accepted session: whose frames are opened. */
  setSessions(sessions: readonly Sender[]): void {
    const byTag = new Map<number, Accepted[]>();
    for (const session of sessions) {
      const tag = tagOf(session.fingerprint);
      const accepted = { ...session, name: hex(session.fingerprint) };
      byTag.set(tag, [...(byTag.get(tag) ?? []), accepted]);
    }
    this.#sessions = byTag;
    this.#found.clear();
  }

  /** Whose a frame with this key ID can be: seldom more than one. */
  find(kid: number): readonly Origin[] {
    const before = this.#found.get(kid);
    if (before !== undefined) {
      return before;
    }
    const found = this.#search(kid);
    if (found.length > 0) {
      if (this.#found.size >= maxOrigins) {
        this.#found.clear();
      }
      this.#found.set(kid, found);
    }
    return found;
  }

  /** What `fingerprint`'s session, which is this client's own, seals its source with; undefined without the epoch. */
  own(epoch: string, fingerprint: Bytes, source: Source): Promise<Key> | undefined {
    const held = this.#epochs.get(epoch);
    return held && keyOf(held, fingerprint, source);
  }

  #search(kid: number): readonly Origin[] {
    const source = sources[kid % tagFactor];
    const senders = this.#sessions.get(Math.floor(kid / tagFactor) % tags);
    if (source === undefined || senders === undefined) {
      return [];
    }
    const number = Math.floor(kid / epochFactor);
    const found: Origin[] = [];
    for (const epoch of this.#epochs.values()) {
      if (epoch.number % epochsInKid === number) {
        for (const sender of senders) {
          found.push(originOf(epoch, sender, source));
        }
      }
    }
    return found;
  }
}

function originOf(epoch: HeldEpoch, { id, fingerprint, name }: Accepted, source: Source): Origin {
  const { origins } = epoch;
  const place = `${name} ${source}`;
  const kept = origins.get(place);
  if (kept !== undefined) {
    return kept;
  }
  const origin = { from: id, source, key: keyOf(epoch, fingerprint, source), highest: -1 };
  origins.set(place, origin);
  if (origins.size > maxOrigins) {
    const [oldest = ""] = origins.keys();
    origins.delete(oldest);
  }
  return origin;
}

async function keyOf(epoch: HeldEpoch, fingerprint: Bytes, source: Source): Promise<Key> {
  const at = sources.indexOf(source);
  const info = joined(text("parley/1/sframe"), fingerprint, Uint8Array.of(at));
  const kid = (epoch.number % epochsInKid) * epochFactor + tagOf(fingerprint) * tagFactor + at;
  return Key.of(suite, await expand(await epoch.deriving, info), kid);
}

function tagOf(fingerprint: Bytes): number {
  return new DataView(fingerprint.buffer, fingerprint.byteOffset).getUint32(0);
}
