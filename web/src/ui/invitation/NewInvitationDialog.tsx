/** An invitation that has just become another one, inside of its meeting. */
import type { InvitedMeeting } from "../../session/model";
import { Button } from "../control/Button";
import { Dialog } from "../control/Dialog";
import { strings } from "../strings";
import { Credentials } from "./Credentials";
import css from "./InvitationDialog.module.css";
import { Qr } from "./Qr";
import { ShareButton } from "./ShareButton";

interface Props {
  readonly meeting: InvitedMeeting;
  readonly title: string;
  readonly lead: string;
  readonly onClose: () => void;
}

export function NewInvitationDialog({ meeting, title, lead, onClose }: Props) {
  const { link, meetingId, password } = meeting;
  return (
    <Dialog title={<bdi>{title}</bdi>} lead={lead} aside={<Qr text={link} />} onClose={onClose}>
      <Credentials link={link} meetingId={meetingId} password={password} />
      <div class={css["actions"]}>
        <ShareButton meeting={meeting} />
        <Button kind="primary" onClick={onClose}>
          {strings.safety.done}
        </Button>
      </div>
    </Dialog>
  );
}
