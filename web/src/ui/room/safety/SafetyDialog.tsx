/** The safety code, large enough to be read aloud, and what somebody made of it. */

import { Dialog } from "../../control/Dialog";
import { strings } from "../../strings";
import { useRoom } from "../context";
import { Comparison } from "./Comparison";
import { Differs } from "./Differs";
import { SafetyCode } from "./SafetyCode";
import css from "./SafetyDialog.module.css";
import { verdictOf } from "./verdict";

const say = strings.safety;

export function SafetyDialog({ onClose }: { readonly onClose: () => void }) {
  const { room, ui } = useRoom();
  const safety = room.safety.value;
  const verdict = verdictOf(safety, ui.compared.value);
  if (verdict === "differs") {
    return (
      <Dialog
        key="differs"
        title={say.differsTitle}
        lead={say.differsLead}
        width="narrow"
        onClose={onClose}
      >
        <Differs />
      </Dialog>
    );
  }
  return (
    <Dialog key="code" title={say.title} lead={say.lead} width="narrow" onClose={onClose}>
      {verdict === "none" || safety === undefined ? (
        <p class={css["wait"]} role="status">
          {safety === undefined ? say.none : say.alone}
        </p>
      ) : (
        <>
          <SafetyCode safety={safety} />
          <Comparison safety={safety} verdict={verdict} onClose={onClose} />
        </>
      )}
    </Dialog>
  );
}
