/** A page that says one thing and what to do next: an ended invitation, having left, waiting. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Header } from "../control/Header";
import css from "./MessagePage.module.css";
import { usePageTitle } from "./title";

interface Props {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** Something goes on: the mark breathes. */
  readonly waiting?: boolean;
}

export function MessagePage({ title, children, actions, waiting }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  usePageTitle(title);
  // Whoever cannot see the page changed hears it.
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <Header />
      <main class={css["page"]}>
        {waiting ? <span class={css["waiting"]} aria-hidden="true" /> : null}
        <h1 ref={heading} tabIndex={-1} class={css["title"]}>
          {title}
        </h1>
        <div class={css["text"]}>{children}</div>
        {actions === undefined ? null : <div class={css["actions"]}>{actions}</div>}
      </main>
    </>
  );
}
