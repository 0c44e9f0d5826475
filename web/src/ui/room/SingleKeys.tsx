/** WCAG 2.1.4: keys without a modifier can be turned off. */
import { useId } from "preact/hooks";
import { strings } from "../strings";
import { useRoom } from "./context";
import css from "./SingleKeys.module.css";

export function SingleKeys() {
  const { ui } = useRoom();
  const id = useId();
  return (
    <label class={css["check"]} for={id}>
      <input
        id={id}
        type="checkbox"
        checked={ui.singleKeys.value}
        aria-describedby={`${id}-hint`}
        onChange={(event) => ui.setSingleKeys(event.currentTarget.checked)}
      />
      <span>
        {strings.keys.single}
        <span id={`${id}-hint`} class={css["hint"]}>
          {strings.keys.singleHint}
        </span>
      </span>
    </label>
  );
}
