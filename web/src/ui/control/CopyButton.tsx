/** **Copy** beside what it copies. The name stays; a check and a spoken line tell that it worked. */
import { useSignal } from "@preact/signals";
import { Check, Copy } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { announce } from "../announce";
import { strings } from "../strings";
import { Button } from "./Button";
import css from "./CopyButton.module.css";
import { copy } from "./clipboard";
import { Icon } from "./Icon";

interface Props {
  readonly text: string;
  /** What is copied, for the spoken line. */
  readonly what: string;
  readonly describedBy?: string;
  readonly label?: string;
  readonly kind?: "secondary" | "quiet";
}

export function CopyButton({ text, what, describedBy, label, kind }: Props) {
  const copied = useSignal(false);
  const failed = useSignal(false);

  useEffect(() => {
    if (!copied.value) {
      return;
    }
    const timer = setTimeout(() => {
      copied.value = false;
    }, 2000);
    return () => clearTimeout(timer);
  }, [copied.value, copied]);

  return (
    <span class={failed.value ? css["failed"] : css["plain"]}>
      <Button
        size="small"
        kind={kind ?? "secondary"}
        aria-describedby={describedBy}
        onClick={async () => {
          copied.value = await copy(text);
          failed.value = !copied.value;
          if (copied.value) {
            announce(strings.common.copied(what));
          }
        }}
      >
        <span class={copied.value ? css["done"] : css["icon"]}>
          <Icon of={copied.value ? Check : Copy} small />
        </span>
        {label ?? strings.common.copy}
      </Button>
      {failed.value ? (
        <span class={css["why"]} role="alert">
          {strings.common.copyFailed}
        </span>
      ) : null}
    </span>
  );
}
