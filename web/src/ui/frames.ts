/**
 * What changes is drawn with the next frame of the screen, and once: while a
 * link is made a dozen things change between two frames, and what each of them
 * would draw keeps the page from going on with it.
 */
import { options } from "preact";

/** Where nothing is drawn, a page that nobody sees, what changes is still to be found in it. */
const hiddenMillis = 100;

export function drawByFrame(): void {
  options.debounceRendering = (draw) => {
    const now = () => {
      cancelAnimationFrame(frame);
      clearTimeout(late);
      draw();
    };
    const late = setTimeout(now, hiddenMillis);
    const frame = requestAnimationFrame(now);
  };
}
