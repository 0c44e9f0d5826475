/** A labelled text field with its hint or error beside it. */
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import css from "./Field.module.css";

type Native = Pick<
  JSX.IntrinsicElements["input"],
  | "placeholder"
  | "maxLength"
  | "autocomplete"
  | "autocapitalize"
  | "inputMode"
  | "readOnly"
  | "spellcheck"
>;

interface Props extends Native {
  readonly label: string;
  readonly value: string;
  readonly error?: ComponentChildren;
  readonly onValue: (value: string, input: HTMLInputElement) => void;
}

export function Field({ label, value, error, onValue, ...rest }: Props) {
  const id = useId();
  const wrong = error !== undefined && error !== null && error !== "";
  return (
    <div class={css["field"]}>
      <label class={css["label"]} for={id}>
        {label}
      </label>
      <input
        spellcheck={false}
        autocomplete="off"
        {...rest}
        id={id}
        class={css["input"]}
        value={value}
        aria-invalid={wrong ? "true" : undefined}
        aria-describedby={wrong ? `${id}-error` : undefined}
        onInput={(event) => onValue(event.currentTarget.value, event.currentTarget)}
      />
      <div id={`${id}-error`} class={css["error"]} role="alert">
        {error}
      </div>
    </div>
  );
}
