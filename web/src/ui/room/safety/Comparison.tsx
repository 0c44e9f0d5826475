/** What to do with the code, and the two answers. */
import { CircleCheck } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import type { Safety } from "../../../session/model";
import { Button } from "../../control/Button";
import { Icon } from "../../control/Icon";
import { strings } from "../../strings";
import { useRoom } from "../context";
import css from "./Comparison.module.css";
import { plainCode, type Verdict } from "./verdict";

const say = strings.safety;

interface Props {
  readonly safety: Safety;
  readonly verdict: Exclude<Verdict, "none" | "differs">;
  readonly onClose: () => void;
}

export function Comparison({ safety, verdict, onClose }: Props) {
  const { ui } = useRoom();
  const answers = useRef<HTMLDivElement>(null);
  const before = useRef(verdict);

  // The button that was pressed is gone: the focus goes to the one in its place.
  useEffect(() => {
    if (verdict === "same" && before.current !== "same") {
      answers.current?.querySelector<HTMLElement>("button")?.focus();
    }
    before.current = verdict;
  }, [verdict]);

  return (
    <div class={css["comparison"]}>
      {verdict === "same" ? null : (
        <p class={css["what"]}>{verdict === "renewed" ? say.renewed : say.how}</p>
      )}
      <p class={css["same"]} role="status">
        {verdict === "same" ? (
          <>
            <Icon of={CircleCheck} />
            <span>{say.same}</span>
          </>
        ) : null}
      </p>
      <div ref={answers} class={css["answers"]}>
        {verdict === "same" ? (
          <Button key="done" kind="primary" wide onClick={onClose}>
            {say.done}
          </Button>
        ) : (
          <Button
            key="same"
            kind="primary"
            wide
            onClick={() => {
              ui.compared.value = { same: plainCode(safety), differs: false };
            }}
          >
            {say.matches}
          </Button>
        )}
        <Button
          wide
          onClick={() => {
            ui.compared.value = { same: undefined, differs: true };
          }}
        >
          {say.doesNotMatch}
        </Button>
      </div>
    </div>
  );
}
