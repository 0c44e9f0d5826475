/** A panel's frame: its title, which takes the focus when it opens, and the way to close it. */
import { X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "../../control/Button";
import { Icon } from "../../control/Icon";
import { strings } from "../../strings";
import { closePanel } from "../commands";
import { useRoom } from "../context";
import css from "./PanelFrame.module.css";

interface Props {
  readonly title: string;
  readonly actions?: ComponentChildren;
  /** Below what scrolls. */
  readonly foot?: ComponentChildren;
  /** The panel gives the focus to something of its own. */
  readonly focusesItself?: boolean;
  /** What is added to it is read out: a log. */
  readonly live?: boolean;
  readonly children: ComponentChildren;
}

export function PanelFrame({ title, actions, foot, focusesItself, live, children }: Props) {
  const inRoom = useRoom();
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);

  useLayoutEffect(() => {
    if (!focusesItself) {
      heading.current?.focus();
    }
  }, [focusesItself]);

  return (
    <aside class={css["panel"]} aria-labelledby={id}>
      <div class={css["head"]}>
        <h2 ref={heading} id={id} class={css["title"]} tabIndex={-1}>
          {title}
        </h2>
        {actions}
        <Button
          kind="quiet"
          size="icon"
          aria-label={strings.common.close}
          onClick={() => closePanel(inRoom)}
        >
          <Icon of={X} />
        </Button>
      </div>
      {live ? (
        // A log that scrolls is reached by keyboard, too.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: to scroll it
        <div class={css["body"]} role="log" aria-label={title} tabIndex={0}>
          {children}
        </div>
      ) : (
        <div class={css["body"]}>{children}</div>
      )}
      {foot === undefined ? null : <div class={css["foot"]}>{foot}</div>}
    </aside>
  );
}
