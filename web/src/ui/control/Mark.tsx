/** Three joined dots: a mesh in its smallest form. */
import css from "./Mark.module.css";

export function Mark() {
  return (
    <svg class={css["mark"]} viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4.5 5.5h15L12 19.5z" />
      <circle cx="4.5" cy="5.5" r="3.2" />
      <circle cx="19.5" cy="5.5" r="3.2" />
      <circle cx="12" cy="19.5" r="3.2" />
    </svg>
  );
}
