/** A box to tick, with what it means. */
import { useId } from "preact/hooks";
import css from "./Choice.module.css";
import words from "./Words.module.css";

interface Props {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly onChange: (on: boolean) => void;
}

export function Choice({ label, hint, checked, disabled, onChange }: Props) {
  const id = useId();
  return (
    <label class={css["choice"]} for={id}>
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled === true}
        aria-labelledby={`${id}-label`}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span class={words["words"]}>
        <span id={`${id}-label`}>{label}</span>
        {hint === undefined ? null : (
          <bdi id={`${id}-hint`} class={css["hint"]}>
            {hint}
          </bdi>
        )}
      </span>
    </label>
  );
}
