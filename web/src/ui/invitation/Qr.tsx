/** The invitation for another device's camera. */
import { useMemo } from "preact/hooks";
import { strings } from "../strings";
import css from "./Qr.module.css";
import { qrPath } from "./qr";

export function Qr({ text }: { readonly text: string }) {
  const { side, path } = useMemo(() => qrPath(text), [text]);
  return (
    <svg
      class={css["qr"]}
      viewBox={`0 0 ${side} ${side}`}
      role="img"
      aria-label={strings.invitation.qr}
      shape-rendering="crispEdges"
    >
      <path d={path} />
    </svg>
  );
}
