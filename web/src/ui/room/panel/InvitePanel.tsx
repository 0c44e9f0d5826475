/** The invitation, for who has it, while the meeting goes on. */
import { Credentials, MeetingIdRow } from "../../invitation/Credentials";
import { Qr } from "../../invitation/Qr";
import { ShareButton } from "../../invitation/ShareButton";
import { strings } from "../../strings";
import { useRoom } from "../context";
import css from "./InvitePanel.module.css";
import { PanelFrame } from "./PanelFrame";

export function InvitePanel() {
  const { room } = useRoom();
  const invited = room.invited.value;
  return (
    <PanelFrame title={strings.room.invite}>
      {invited === undefined ? (
        <div class={css["stack"]}>
          <p class={css["text"]}>{strings.invitation.notHeld}</p>
          <MeetingIdRow meetingId={room.meeting.value.meetingId} />
        </div>
      ) : (
        <div class={css["stack"]}>
          <p class={css["text"]}>{strings.invitation.explain}</p>
          <div class={css["qr"]}>
            <Qr text={invited.link} />
          </div>
          <Credentials
            link={invited.link}
            meetingId={invited.meetingId}
            password={invited.password}
          />
          <div class={css["share"]}>
            <ShareButton meeting={invited} />
          </div>
        </div>
      )}
    </PanelFrame>
  );
}
