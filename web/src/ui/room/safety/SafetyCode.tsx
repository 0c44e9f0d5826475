/** Six words in two rows, the same in digits, and whom they cover. */
import type { Safety } from "../../../session/model";
import { Code } from "../../control/Code";
import { CopyButton } from "../../control/CopyButton";
import { strings } from "../../strings";
import css from "./SafetyCode.module.css";
import { plainCode, rowsOf } from "./verdict";

const say = strings.safety;

export function SafetyCode({ safety }: { readonly safety: Safety }) {
  return (
    <div class={css["code"]}>
      {/* biome-ignore lint/a11y/useSemanticElements: words with a name are no fieldset */}
      <div class={css["words"]} role="group" aria-label={say.words} translate={false} lang="en">
        {rowsOf(safety.words).map((row) => (
          <p key={row.join(" ")} class={css["row"]}>
            {row.map((word, at) => (
              <span key={at} class={css["word"]}>
                {at > 0 ? " " : ""}
                {word}
              </span>
            ))}
          </p>
        ))}
      </div>
      <div class={css["foot"]}>
        {/* biome-ignore lint/a11y/useSemanticElements: digits with a name are no fieldset */}
        <div role="group" aria-label={say.digits}>
          <Code text={safety.digits} />
        </div>
        <CopyButton text={plainCode(safety)} what={say.what} kind="quiet" />
      </div>
      <p class={css["covers"]}>{say.covers(safety.people)}</p>
    </div>
  );
}
