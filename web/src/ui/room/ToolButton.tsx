/** A control in the bar, with a tooltip that tells its key. */
import { useId } from "preact/hooks";
import { Icon } from "../control/Icon";
import { strings } from "../strings";
import tool from "./Tool.module.css";
import css from "./ToolButton.module.css";
import type { Control } from "./useControls";

export function ToolButton({ control }: { readonly control: Control }) {
  const { name, label, icon, key, off, on, disabled, expanded, badge, press } = control;
  const id = useId();
  const unread = badge !== undefined && badge > 0;
  const classes = [tool["tool"], css["tool"], off ? css["off"] : "", on ? css["on"] : ""];
  return (
    <span class={css["holder"]}>
      <button
        type="button"
        class={classes.join(" ")}
        aria-label={label}
        aria-keyshortcuts={key}
        aria-expanded={expanded}
        aria-describedby={unread ? id : undefined}
        aria-disabled={disabled ? "true" : undefined}
        data-control={name}
        onClick={() => {
          if (!disabled) {
            press();
          }
        }}
      >
        <Icon of={icon} />
      </button>
      {unread ? (
        <span id={id} class={css["badge"]} role="img" aria-label={describe(name, badge)}>
          {badge > 99 ? "99+" : badge}
        </span>
      ) : null}
      <span class={css["tip"]} aria-hidden="true">
        {label}
        {key === undefined ? null : <kbd class={css["key"]}>{key}</kbd>}
      </span>
    </span>
  );
}

function describe(name: Control["name"], count: number): string {
  return name === "people" ? strings.room.knockingHint(count) : strings.room.unread(count);
}
