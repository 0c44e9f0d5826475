/** What is said to a screen reader only, politely: one region for the whole page. */
import { signal } from "@preact/signals";
import css from "./announce.module.css";

const said = signal<{ readonly text: string; readonly turn: boolean }>({ text: "", turn: false });

export function announce(text: string): void {
  said.value = { text, turn: !said.value.turn };
}

/** Two lines taking turns, so that the same words said twice are heard twice. */
export function Announcer() {
  const { text, turn } = said.value;
  return (
    <div class={css["unseen"]} role="status" aria-live="polite">
      <span>{turn ? text : ""}</span>
      <span>{turn ? "" : text}</span>
    </div>
  );
}
