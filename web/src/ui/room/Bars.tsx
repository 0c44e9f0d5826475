/** How good a link is, as bars. The tile's name says it in words. */
import type { Quality } from "../../session/model";
import css from "./Bars.module.css";

const lit: Readonly<Record<Quality, number>> = {
  connecting: 0,
  unreachable: 0,
  good: 3,
  fair: 2,
  poor: 1,
  lost: 0,
};

export function Bars({ quality }: { readonly quality: Quality }) {
  return (
    <svg class={`${css["bars"]} ${css[quality]}`} viewBox="0 0 14 12" aria-hidden="true">
      {[0, 1, 2].map((bar) => (
        <rect
          key={bar}
          class={bar < lit[quality] ? css["lit"] : css["dim"]}
          x={bar * 5}
          y={8 - bar * 4}
          width="3"
          height={4 + bar * 4}
          rx="1"
        />
      ))}
    </svg>
  );
}
