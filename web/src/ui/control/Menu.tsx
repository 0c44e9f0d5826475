/**
 * A button with a small list of actions behind it. A disclosure, not an ARIA
 * menu: what is inside are ordinary buttons, found by their names.
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import css from "./Menu.module.css";

interface Props {
  /** Makes the button that opens it. */
  readonly button: (props: MenuButton) => JSX.Element;
  readonly align?: "start" | "end";
  readonly side?: "below" | "above";
  readonly children: ComponentChildren;
}

export interface MenuButton {
  readonly "aria-expanded": boolean;
  readonly "aria-controls": string;
  readonly onClick: () => void;
}

function step(list: HTMLElement, by: number): void {
  const items = [...list.querySelectorAll<HTMLElement>("button:not(:disabled), a[href]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  items[(at + by + items.length) % items.length]?.focus();
}

export function Menu({ button, align, side, children }: Props) {
  const open = useSignal(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);

  // Before anything is painted, so that the next key already finds the focus inside.
  useLayoutEffect(() => {
    if (!open.value) {
      return;
    }
    const outside = (event: Event) => {
      if (!(event.target instanceof Node && root.current?.contains(event.target))) {
        open.value = false;
      }
    };
    document.addEventListener("pointerdown", outside);
    list.current?.querySelector<HTMLElement>("button, a[href]")?.focus();
    return () => document.removeEventListener("pointerdown", outside);
  }, [open.value, open]);

  const giveBack = () => {
    open.value = false;
    root.current?.querySelector<HTMLElement>("[aria-expanded]")?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (!open.value || list.current === null) {
      return;
    }
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      giveBack();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(list.current, event.key === "ArrowDown" ? 1 : -1);
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens for Escape and the arrows on their way up
    <div
      ref={root}
      class={css["root"]}
      onKeyDown={onKeyDown}
      onFocusOut={(event) => {
        const to = event.relatedTarget;
        if (to instanceof Node && !root.current?.contains(to)) {
          open.value = false;
        }
      }}
    >
      {button({
        "aria-expanded": open.value,
        "aria-controls": id,
        onClick: () => {
          open.value = !open.value;
        },
      })}
      <div
        ref={list}
        id={id}
        hidden={!open.value}
        class={`${css["list"]} ${css[align ?? "end"]} ${css[side ?? "below"]}`}
      >
        {open.value ? children : null}
      </div>
    </div>
  );
}

interface ItemProps {
  readonly icon?: ComponentChildren;
  /** Shown at the end of the row and no part of its name: a key, or how many. */
  readonly trailing?: string | undefined;
  /** `trailing` asks for attention. */
  readonly urgent?: boolean;
  readonly danger?: boolean;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

/** A row of a menu. It closes the menu before it acts, so that a dialog gives the focus back to the menu's button. */
export function MenuItem({ icon, trailing, urgent, danger, onClick, children }: ItemProps) {
  const id = useId();
  return (
    <button
      type="button"
      aria-labelledby={id}
      class={`${css["item"]} ${danger ? css["danger"] : ""} ${urgent ? css["urgent"] : ""}`}
      data-trailing={trailing}
      onClick={(event) => {
        const opener = event.currentTarget
          .closest(`.${css["root"]}`)
          ?.querySelector<HTMLElement>("[aria-expanded]");
        opener?.focus();
        opener?.click();
        onClick();
      }}
    >
      {icon}
      <span id={id} class={css["words"]}>
        {children}
      </span>
    </button>
  );
}
