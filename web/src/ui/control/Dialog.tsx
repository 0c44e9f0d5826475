/**
 * A modal dialog: the native element, which holds the focus, closes with
 * Escape and gives the focus back. It is open as long as it is mounted.
 */
import { X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { strings } from "../strings";
import { Button } from "./Button";
import css from "./Dialog.module.css";
import { Icon } from "./Icon";

interface Props {
  readonly title: ComponentChildren;
  readonly onClose: () => void;
  readonly width?: "narrow" | "wide";
  /** Beside the title, for a picture. */
  readonly aside?: ComponentChildren;
  readonly lead?: ComponentChildren;
  readonly children?: ComponentChildren;
}

function isOutside({ clientX, clientY }: PointerEvent, element: Element): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}

export function Dialog({ title, onClose, width, aside, lead, children }: Props) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);

  // A layout effect: whoever closes it by a key types on where they were, at once.
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      class={`${css["dialog"]} ${css[width ?? "wide"]}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        const { target, currentTarget } = event;
        if (target === currentTarget && isOutside(event, currentTarget)) {
          onClose();
        }
      }}
    >
      <div class={css["body"]}>
        <div class={css["head"]}>
          <div class={css["words"]}>
            <h2 id={id} class={css["title"]} tabIndex={-1} autofocus>
              {title}
            </h2>
            {lead === undefined ? null : <p class={css["lead"]}>{lead}</p>}
          </div>
          {aside === undefined ? null : <div class={css["aside"]}>{aside}</div>}
        </div>
        {children}
      </div>
      <div class={css["close"]}>
        <Button kind="quiet" size="icon" aria-label={strings.common.close} onClick={onClose}>
          <Icon of={X} />
        </Button>
      </div>
    </dialog>
  );
}
