/** What somebody who made a meeting hands on: shown after creation, and again from the list. */
import { useSignal } from "@preact/signals";
import type { InvitedMeeting, Trouble } from "../../session/model";
import { useShell } from "../context";
import { Button } from "../control/Button";
import { CopyButton } from "../control/CopyButton";
import { Dialog } from "../control/Dialog";
import { Field } from "../control/Field";
import { nameLimit } from "../limits";
import { strings } from "../strings";
import { sentenceOf } from "../trouble";
import { Credentials } from "./Credentials";
import css from "./InvitationDialog.module.css";
import { Qr } from "./Qr";
import { canShare, ShareButton } from "./ShareButton";
import { asText } from "./text";

export interface InvitationDialogProps {
  readonly meeting: InvitedMeeting;
  readonly isNew: boolean;
  readonly starting: boolean;
  readonly trouble: Trouble | undefined;
  readonly onStart: () => void;
  readonly onClose: () => void;
}

export function InvitationDialog(props: InvitationDialogProps) {
  const { meeting, isNew, starting, trouble, onStart, onClose } = props;
  const say = strings.invitation;
  const { link, meetingId, password, title } = meeting;
  const { app } = useShell();
  // Whoever has a name already is not asked; the field stays once it is shown.
  const asksName = useSignal(app.name.peek() === "");
  const name = useSignal("");
  const start = () => {
    if (name.value.trim() !== "") {
      app.setName(name.value);
    }
    onStart();
  };
  return (
    <Dialog
      title={<bdi>{isNew ? say.ready(title) : say.again(title)}</bdi>}
      lead={say.explain}
      aside={<Qr text={link} />}
      onClose={onClose}
    >
      <Credentials link={link} meetingId={meetingId} password={password} />
      {asksName.value ? (
        <Field
          label={say.name}
          placeholder={strings.landing.nameExample}
          value={name.value}
          maxLength={nameLimit}
          autocomplete="name"
          onValue={(value) => {
            name.value = value;
          }}
        />
      ) : null}
      <div class={css["actions"]}>
        <ShareButton meeting={meeting} />
        <Button kind="primary" busy={starting} onClick={start}>
          {say.start}
        </Button>
      </div>
      {trouble === undefined ? null : (
        <p class={css["trouble"]} role="alert">
          {sentenceOf(trouble)}
        </p>
      )}
      {canShare() ? (
        <div class={css["all"]}>
          <CopyButton text={asText(meeting)} what={say.all} label={say.copyAll} kind="quiet" />
        </div>
      ) : null}
    </Dialog>
  );
}
