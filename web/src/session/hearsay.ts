/**
 * Whom the SFUs say they have. The room's core lets go of a link when the SFU
 * has its peer; so it is told of somebody only once everything of theirs that
 * came by another link has come by the SFU as well for a while: a path that is
 * new may turn out to carry less than it began with.
 */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Link } from "../link/link";

export interface HearsayOptions {
  /** Whether a link to an SFU brings all of somebody that another link brings. */
  readonly covered: (link: Link, peer: string) => boolean;
  /** For the room's core. */
  readonly heard: (via: string, peers: readonly string[]) => void;
}

interface Said {
  readonly peers: readonly string[];
  /** Since when it has each, and since when it brings all of theirs. */
  readonly since: ReadonlyMap<string, number>;
  readonly covered: ReadonlyMap<string, number>;
  readonly passed: string;
}

/**
 * A picture that the SFU has no bandwidth for holds nothing up for longer: twice
 * as long as an SFU needs that took one away too soon.
 */
const longestMillis = 10_000;
const steadyMillis = 1_000;

export class Hearsay {
  readonly #options: HearsayOptions;
  readonly #said = new Map<Link, Said>();
  readonly #everybody = signal<ReadonlySet<string>>(new Set());
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: HearsayOptions) {
    this.#options = options;
  }

  /** An SFU said whom it has. Answers who is new among them. */
  take(link: Link, peers: readonly string[]): readonly string[] {
    const { since: before, covered = new Map() } = this.#said.get(link) ?? {};
    const now = performance.now();
    const since = new Map(peers.map((peer) => [peer, before?.get(peer) ?? now]));
    this.#said.set(link, { peers, since, covered, passed: "" });
    this.#count();
    this.look();
    return peers.filter((peer) => before?.has(peer) !== true);
  }

  /** Everybody whom an SFU has. */
  get everybody(): ReadonlySignal<ReadonlySet<string>> {
    return this.#everybody;
  }

  /** A link to an SFU through which somebody is reached. */
  via(peer: string): Link | undefined {
    return [...this.#said].find(([, { peers }]) => peers.includes(peer))?.[0];
  }

  /** What comes by which link has changed. */
  look(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    let waits = false;
    for (const [link, said] of this.#said) {
      const covered = new Map(
        said.peers
          .filter((peer) => this.#options.covered(link, peer))
          .map((peer) => [peer, said.covered.get(peer) ?? now]),
      );
      const ready = said.peers.filter(
        (peer) =>
          now >= (said.since.get(peer) ?? now) + longestMillis ||
          now >= (covered.get(peer) ?? now) + steadyMillis,
      );
      waits ||= ready.length < said.peers.length;
      const next = ready.join(" ") || "nobody";
      this.#said.set(link, { ...said, covered, passed: next });
      if (next !== said.passed) {
        this.#options.heard(link.peer, ready);
      }
    }
    if (waits) {
      this.#timer = setTimeout(() => this.look(), steadyMillis);
    }
  }

  /** Forgets what was said over links that are no more. */
  keep(links: readonly Link[]): void {
    for (const link of this.#said.keys()) {
      links.includes(link) || this.#said.delete(link);
    }
    this.#count();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#said.clear();
  }

  #count(): void {
    const now = new Set([...this.#said.values()].flatMap(({ peers }) => peers));
    const before = this.#everybody.peek();
    if (now.size !== before.size || [...now].some((peer) => !before.has(peer))) {
      this.#everybody.value = now;
    }
  }
}
