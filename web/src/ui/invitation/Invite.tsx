/** The invitation dialog with its way into the room. */
import { useSignal } from "@preact/signals";
import type { InvitedMeeting, Trouble } from "../../session/model";
import { useShell } from "../context";
import { enterRoom } from "../landing/enter";
import { LazyInvitationDialog } from "./LazyInvitationDialog";

interface Props {
  readonly meeting: InvitedMeeting;
  readonly isNew: boolean;
  readonly onClose: () => void;
}

export function Invite({ meeting, isNew, onClose }: Props) {
  const shell = useShell();
  const starting = useSignal(false);
  const trouble = useSignal<Trouble | undefined>(undefined);

  const start = async () => {
    starting.value = true;
    trouble.value = await enterRoom(shell, () => shell.app.joinMine(meeting.meetingId));
    starting.value = false;
  };

  return (
    <LazyInvitationDialog
      meeting={meeting}
      isNew={isNew}
      starting={starting.value}
      trouble={trouble.value}
      onStart={start}
      onClose={onClose}
    />
  );
}
