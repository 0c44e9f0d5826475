/** What somebody who made a meeting hands on: shown after creation, and again from the list. */
import type { InvitedMeeting, Trouble } from "../../session/model";
import { Button } from "../control/Button";
import { CopyButton } from "../control/CopyButton";
import { Dialog } from "../control/Dialog";
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
  return (
    <Dialog
      title={<bdi>{isNew ? say.ready(title) : say.again(title)}</bdi>}
      lead={say.explain}
      aside={<Qr text={link} />}
      onClose={onClose}
    >
      <Credentials link={link} meetingId={meetingId} password={password} />
      <div class={css["actions"]}>
        <ShareButton meeting={meeting} />
        <Button kind="primary" busy={starting} onClick={onStart}>
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
