/**
 * Tells the session what is on screen and how large, so that nothing else is
 * sent. Tiles report for themselves; the room hears one list when they rest.
 */
import type { Shown } from "../../session/model";

export interface Seen {
  readonly key: string;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly onScreen: boolean;
}

/** The list for the session: device pixels, largest first, nothing of a hidden page. */
export function shownOf(seen: Iterable<Seen>, pixelRatio: number, hidden: boolean): Shown[] {
  return [...seen]
    .map(({ key, width, height, onScreen }) => {
      const scale = onScreen && !hidden ? pixelRatio : 0;
      return { key, width: Math.round(width * scale), height: Math.round(height * scale) };
    })
    .sort((a, b) => b.width * b.height - a.width * a.height);
}

/** Long enough for a layout to settle, short enough that a face is not missed. */
const rest = 100;

export class ShownTiles {
  readonly #report: (shown: Shown[]) => void;
  readonly #seen = new Map<Element, Seen>();
  readonly #sizes: ResizeObserver;
  readonly #places: IntersectionObserver;
  readonly #onVisibility = () => this.#soon();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(report: (shown: Shown[]) => void) {
    this.#report = report;
    this.#sizes = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) {
        this.#change(target, { width: contentRect.width, height: contentRect.height });
      }
    });
    this.#places = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        this.#change(target, { onScreen: isIntersecting });
      }
    });
    document.addEventListener("visibilitychange", this.#onVisibility);
  }

  /** Watches a tile until the returned function is called. */
  watch(key: string, element: Element): () => void {
    this.#seen.set(element, { key, width: 0, height: 0, onScreen: false });
    this.#sizes.observe(element);
    this.#places.observe(element);
    return () => {
      this.#seen.delete(element);
      this.#sizes.unobserve(element);
      this.#places.unobserve(element);
      this.#soon();
    };
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#sizes.disconnect();
    this.#places.disconnect();
    this.#seen.clear();
    document.removeEventListener("visibilitychange", this.#onVisibility);
  }

  #change(element: Element, change: Partial<Seen>): void {
    const seen = this.#seen.get(element);
    if (seen !== undefined) {
      this.#seen.set(element, { ...seen, ...change });
      this.#soon();
    }
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#report(shownOf(this.#seen.values(), devicePixelRatio, document.hidden));
    }, rest);
  }
}
