/** What went wrong, beside what it went wrong with; read out when it appears. */
import type { Trouble } from "../../session/model";
import { sentenceOf } from "../trouble";
import css from "./TroubleLine.module.css";

export function TroubleLine({ trouble }: { readonly trouble: Trouble | undefined }) {
  return (
    <p class={css["trouble"]} role="alert">
      {trouble === undefined ? "" : sentenceOf(trouble)}
    </p>
  );
}
