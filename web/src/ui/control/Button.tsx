/**
 * The one button. While busy it stays focusable and keeps its name, and a
 * second press does nothing.
 */
import type { ComponentChildren, JSX } from "preact";
import css from "./Button.module.css";

type Native = Omit<JSX.IntrinsicElements["button"], "class" | "onClick" | "type">;

interface Props extends Native {
  readonly kind?: "primary" | "secondary" | "quiet" | "danger";
  readonly size?: "control" | "small" | "icon";
  readonly type?: "button" | "submit";
  readonly busy?: boolean;
  readonly wide?: boolean;
  readonly onClick?: (event: MouseEvent) => void;
  readonly children?: ComponentChildren;
}

export function Button(props: Props) {
  const { kind, size, type, busy, wide, onClick, children, ...rest } = props;
  const classes = [css["button"], css[kind ?? "secondary"], css[size ?? "control"]];
  if (wide) {
    classes.push(css["wide"]);
  }
  return (
    <button
      {...rest}
      type={type ?? "button"}
      class={classes.join(" ")}
      aria-busy={busy ? "true" : undefined}
      aria-disabled={busy ? "true" : undefined}
      onClick={(event) => {
        if (busy) {
          event.preventDefault();
          return;
        }
        onClick?.(event);
      }}
    >
      {busy ? <span class={css["spinner"]} aria-hidden="true" /> : null}
      {children}
    </button>
  );
}
