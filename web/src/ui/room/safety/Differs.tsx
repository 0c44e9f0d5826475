/** The codes differ: what that means, and what to do, in order. */
import { Button } from "../../control/Button";
import { strings } from "../../strings";
import { useRoom } from "../context";
import css from "./Differs.module.css";
import { notCompared } from "./verdict";

const say = strings.safety;

export function Differs() {
  const { ui, leave } = useRoom();
  return (
    <>
      <ol class={css["steps"]}>
        {say.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <div class={css["answers"]}>
        <Button
          wide
          onClick={() => {
            ui.compared.value = notCompared;
          }}
        >
          {say.again}
        </Button>
        <Button kind="danger" wide onClick={leave}>
          {say.leave}
        </Button>
      </div>
    </>
  );
}
