/** A control behind **More**, under the same name as in the bar. */
import { Icon } from "../control/Icon";
import { MenuItem } from "../control/Menu";
import type { Control } from "./useControls";

export function MoreItem({ control }: { readonly control: Control }) {
  const { label, icon, key, badge, disabled, press } = control;
  const urgent = badge !== undefined && badge > 0;
  return (
    <MenuItem
      icon={<Icon of={icon} />}
      trailing={urgent ? String(badge) : key}
      urgent={urgent}
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
