/** Asks before something that cannot be taken back. */
import type { ComponentChildren } from "preact";
import type { Trouble } from "../../session/model";
import { strings } from "../strings";
import { sentenceOf } from "../trouble";
import { Button } from "./Button";
import css from "./Confirm.module.css";
import { Dialog } from "./Dialog";

interface Props {
  readonly title: string;
  readonly text: string;
  /** What the button does, as a verb. */
  readonly action: string;
  readonly danger?: boolean;
  readonly busy?: boolean;
  readonly trouble?: Trouble | undefined;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children?: ComponentChildren;
}

export function Confirm(props: Props) {
  const { title, text, action, danger, busy, trouble, onConfirm, onClose, children } = props;
  return (
    <Dialog title={<bdi>{title}</bdi>} lead={text} width="narrow" onClose={onClose}>
      {children}
      {trouble === undefined ? null : (
        <p class={css["trouble"]} role="alert">
          {sentenceOf(trouble)}
        </p>
      )}
      <div class={css["actions"]}>
        <Button onClick={onClose}>{strings.common.cancel}</Button>
        <Button kind={danger ? "danger" : "primary"} busy={busy ?? false} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
