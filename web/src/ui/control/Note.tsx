/** Something to know, beside what it is about: an icon, perhaps a title, and words. */
import type { LucideIcon } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { Icon } from "./Icon";
import css from "./Note.module.css";

interface Props {
  readonly icon: LucideIcon;
  /** quiet: good to know. warning: something is weaker than it could be. danger: it does not work so. */
  readonly tone: "quiet" | "warning" | "danger";
  readonly title?: string;
  /** To be referred to as a reason. */
  readonly id?: string;
  /** Read out when it appears. */
  readonly alert?: boolean;
  readonly children: ComponentChildren;
}

export function Note({ icon, tone, title, id, alert, children }: Props) {
  return (
    <div class={`${css["note"]} ${css[tone]}`} id={id} role={alert ? "alert" : undefined}>
      <span class={css["icon"]}>
        <Icon of={icon} />
      </span>
      <div class={css["words"]}>
        {title === undefined ? null : <p class={css["title"]}>{title}</p>}
        {children}
      </div>
    </div>
  );
}
