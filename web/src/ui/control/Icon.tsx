/** An icon of the one stroke set, always beside or inside something that has a name. */
import type { LucideIcon } from "lucide-preact";
import css from "./Icon.module.css";

interface Props {
  readonly of: LucideIcon;
  readonly small?: boolean;
}

export function Icon({ of: Shape, small }: Props) {
  return (
    <Shape
      class={`${css["icon"]} ${small ? css["small"] : ""}`}
      strokeWidth="1.8"
      aria-hidden="true"
    />
  );
}
