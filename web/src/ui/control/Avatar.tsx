/** The initial of a name on the colour of its identity. */
import { hueOf, initialOf } from "../person";
import css from "./Avatar.module.css";

interface Props {
  readonly peerId: string;
  readonly name: string;
  readonly size?: "small" | "tile";
}

export function Avatar({ peerId, name, size }: Props) {
  return (
    <span
      class={`${css["avatar"]} ${css[size ?? "small"]}`}
      style={{ "--hue": String(hueOf(peerId)) }}
      aria-hidden="true"
    >
      {initialOf(name)}
    </span>
  );
}
