/** WCAG 2.1.4: keys without a modifier can be turned off. */
import { Choice } from "../control/Choice";
import { strings } from "../strings";
import { useRoom } from "./context";

export function SingleKeys() {
  const { ui } = useRoom();
  return (
    <Choice
      label={strings.keys.single}
      hint={strings.keys.singleHint}
      checked={ui.singleKeys.value}
      onChange={(on) => ui.setSingleKeys(on)}
    />
  );
}
