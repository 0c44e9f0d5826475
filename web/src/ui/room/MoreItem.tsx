/** A control behind **More**, under the same name as in the bar. */
import { Icon } from "../control/Icon";
import { MenuItem } from "../control/Menu";
import css from "./MoreItem.module.css";
import type { Control } from "./useControls";

export function MoreItem({ control }: { readonly control: Control }) {
  const { label, icon, key, badge, disabled, press } = control;
  return (
    <MenuItem
      icon={<Icon of={icon} />}
      trailing={
        badge !== undefined && badge > 0 ? (
          <span class={css["badge"]}>{badge}</span>
        ) : key === undefined ? null : (
          <kbd class={css["key"]}>{key}</kbd>
        )
      }
      label={label}
      onClick={() => {
        if (!disabled) {
          press();
        }
      }}
    >
      {label}
    </MenuItem>
  );
}
