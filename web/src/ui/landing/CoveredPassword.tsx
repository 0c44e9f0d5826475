/** A password that whoever looks over the shoulder does not read. */
import { useSignal } from "@preact/signals";
import { Eye, EyeOff } from "lucide-preact";
import { Button } from "../control/Button";
import { Code } from "../control/Code";
import { Icon } from "../control/Icon";
import { strings } from "../strings";
import css from "./CoveredPassword.module.css";

export function CoveredPassword({ password }: { readonly password: string }) {
  const shown = useSignal(false);
  const say = strings.landing;
  return (
    <span class={css["password"]}>
      {shown.value ? (
        <Code text={password} />
      ) : (
        <span class={css["cover"]} role="img" aria-label={say.covered} />
      )}
      <Button
        kind="quiet"
        size="icon"
        aria-label={shown.value ? say.hidePassword : say.showPassword}
        title={shown.value ? say.hidePassword : say.showPassword}
        onClick={() => {
          shown.value = !shown.value;
        }}
      >
        <Icon of={shown.value ? EyeOff : Eye} />
      </Button>
    </span>
  );
}
