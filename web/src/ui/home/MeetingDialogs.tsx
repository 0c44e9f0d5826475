/** What a row of one's meetings leads to: its invitation, a new one, its end. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { InvitedMeeting, MyMeeting, Trouble } from "../../session/model";
import { pastedInvitation } from "../address";
import { announce } from "../announce";
import { useShell } from "../context";
import { Confirm } from "../control/Confirm";
import { Invite } from "../invitation/Invite";
import { LazyInvitationDialog } from "../invitation/LazyInvitationDialog";
import { strings } from "../strings";

export type Wanted = "invite" | "renew" | "remove";

interface Props {
  readonly meeting: MyMeeting;
  readonly wanted: Wanted;
  readonly onClose: () => void;
}

const say = strings.meetings;

export function MeetingDialogs({ wanted, meeting, onClose }: Props) {
  return wanted === "remove" ? (
    <Remove meeting={meeting} onClose={onClose} />
  ) : (
    <Invitation meeting={meeting} renew={wanted === "renew"} onClose={onClose} />
  );
}

interface InvitationProps {
  readonly meeting: MyMeeting;
  readonly renew: boolean;
  readonly onClose: () => void;
}

/** The invitation that this browser holds; where it holds none, or by wish, a new one. */
function Invitation({ meeting, renew, onClose }: InvitationProps) {
  const { app } = useShell();
  const held = meeting.link === undefined ? undefined : pastedInvitation(meeting.link);
  const invited = useSignal<InvitedMeeting | undefined>(undefined);
  const asking = useSignal(renew || held === undefined);
  const busy = useSignal(false);
  const trouble = useSignal<Trouble | undefined>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is held is read once, when the dialog opens
  useEffect(() => {
    LazyInvitationDialog.preload();
    if (asking.peek() || held === undefined) {
      return;
    }
    const fragment = held.path.split("#")[1] ?? "";
    app.openInvitation(held.token, fragment).then((result) => {
      if (result.ok) {
        invited.value = result.value;
      } else {
        trouble.value = result.trouble;
        asking.value = true;
      }
    });
  }, []);

  if (invited.value !== undefined) {
    return <Invite meeting={invited.value} isNew={false} onClose={onClose} />;
  }
  if (!asking.value) {
    return null;
  }
  return (
    <Confirm
      title={say.renewTitle(meeting.title)}
      text={held === undefined ? `${say.renewHere} ${say.renewText}` : say.renewText}
      action={say.renewDo}
      busy={busy.value}
      trouble={trouble.value}
      onClose={onClose}
      onConfirm={async () => {
        busy.value = true;
        const result = await app.renewInvitation(meeting.meetingId);
        busy.value = false;
        if (result.ok) {
          invited.value = result.value;
        } else {
          trouble.value = result.trouble;
        }
      }}
    />
  );
}

function Remove({ meeting, onClose }: Omit<Props, "wanted">) {
  const { app } = useShell();
  const busy = useSignal(false);
  const trouble = useSignal<Trouble | undefined>(undefined);
  return (
    <Confirm
      danger
      title={say.removeTitle(meeting.title)}
      text={say.removeText(meeting.participants)}
      action={say.removeDo}
      busy={busy.value}
      trouble={trouble.value}
      onClose={onClose}
      onConfirm={async () => {
        busy.value = true;
        const result = await app.remove(meeting.meetingId);
        busy.value = false;
        if (result.ok) {
          announce(say.removed(meeting.title));
          onClose();
        } else {
          trouble.value = result.trouble;
        }
      }}
    />
  );
}
