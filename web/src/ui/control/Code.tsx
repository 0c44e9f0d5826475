/**
 * An ID or a password to read aloud. Its text is its plain characters: gaps
 * between groups of digits are margins, so that copying gives what to type.
 */
import css from "./Code.module.css";

export function Code({ text }: { readonly text: string }) {
  const groups = /^\d{6,12}$/.test(text) ? (text.match(/\d{1,3}/g) ?? [text]) : [text];
  return (
    <span class={css["code"]} translate={false}>
      {groups.map((group, at) => (
        <span key={at} class={css["group"]}>
          {group}
        </span>
      ))}
    </span>
  );
}
