/** Watches over the SFU and its standby, each by the other: `link/heart` judges, this looks. */
import { beating, type Heart, look, lookEveryMillis } from "../link/heart";
import type { Link } from "../link/link";

export class Vigil {
  readonly #hidden: () => boolean;
  readonly #hearts = new Map<Link, Heart>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `hidden` tells whether the page is, so that its timers are slow. */
  constructor(hidden: () => boolean) {
    this.#hidden = hidden;
  }

  /** The links to those who serve or stand by: two at the most, none in a mesh. */
  watch(links: readonly Link[]): void {
    for (const link of this.#hearts.keys()) {
      if (!links.includes(link)) {
        this.#hearts.delete(link);
        link.setStopped(false);
      }
    }
    for (const link of links) {
      if (!this.#hearts.has(link)) {
        this.#hearts.set(link, beating(performance.now()));
      }
    }
    if (links.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    } else {
      this.#timer ??= setInterval(() => this.#look(), lookEveryMillis);
    }
  }

  #look(): void {
    const now = performance.now();
    const hidden = this.#hidden();
    const signs = new Map([...this.#hearts.keys()].map((link) => [link, link.heard]));
    for (const [link, heart] of this.#hearts) {
      const heard = signs.get(link);
      // One that has never come up is the room core's to judge.
      if (heard === undefined || heard.beatAt < 0) {
        continue;
      }
      const others = [...signs].flatMap(([other, { beatAt, mediaAt }]) =>
        other === link ? [] : [Math.max(beatAt, mediaAt)],
      );
      const otherAt = others.length === 0 ? undefined : Math.max(...others);
      const next = look(heart, { now, hidden, otherAt, ...heard });
      this.#hearts.set(link, next);
      if ((heart.stoppedAt === undefined) !== (next.stoppedAt === undefined)) {
        link.setStopped(next.stoppedAt !== undefined);
      }
    }
  }
}
