/** The lock in the header: the way to the safety code, and what was made of it. */
import { Check, Lock, TriangleAlert } from "lucide-preact";
import { useId } from "preact/hooks";
import { Icon } from "../../control/Icon";
import pill from "../../control/Pill.module.css";
import { strings } from "../../strings";
import { useRoom } from "../context";
import css from "./SafetyButton.module.css";
import { verdictOf } from "./verdict";

const say = strings.safety;

export function SafetyButton() {
  const { room, ui } = useRoom();
  const id = useId();
  const verdict = verdictOf(room.safety.value, ui.compared.value);
  const differs = verdict === "differs";
  return (
    <>
      <button
        type="button"
        class={`${pill["pill"]} ${css["lock"]} ${css[verdict]}`}
        aria-label={differs ? say.buttonDiffers : say.button}
        aria-describedby={id}
        aria-haspopup="dialog"
        data-control="safety"
        title={`${say.button}. ${say.states[verdict]}`}
        onClick={() => {
          ui.popup.value = "safety";
        }}
      >
        <Icon of={differs ? TriangleAlert : Lock} small />
        <span class={css["word"]}>{differs ? say.pillDiffers : say.pill}</span>
        {verdict === "same" ? <Icon of={Check} small /> : null}
        {verdict === "renewed" ? <span class={css["new"]} /> : null}
      </button>
      <span id={id} hidden>
        {say.states[verdict]}
      </span>
    </>
  );
}
