/** One thing to know about the invitation, above the participants, where there is one; the host gets the remedy. */
import { useSignal } from "@preact/signals";
import { ShieldQuestionMark } from "lucide-preact";
import type { InvitedMeeting, Trouble } from "../../../session/model";
import { Button } from "../../control/Button";
import { Note } from "../../control/Note";
import { TroubleLine } from "../../control/TroubleLine";
import { NewInvitationDialog } from "../../invitation/NewInvitationDialog";
import { strings } from "../../strings";
import { useRoom } from "../context";
import { Compare } from "../safety/Compare";
import css from "./SecretNote.module.css";

const say = strings.entry;

export function SecretNote() {
  const { room } = useRoom();
  const completed = useSignal<InvitedMeeting | undefined>(undefined);
  if (completed.value !== undefined) {
    const { title } = completed.value;
    return (
      <NewInvitationDialog
        meeting={completed.value}
        title={say.completedTitle(title)}
        lead={say.completedLead}
        onClose={() => {
          completed.value = undefined;
        }}
      />
    );
  }
  if (!room.meetingHasSecret.value) {
    return (
      <Incomplete
        onCompleted={(meeting) => {
          completed.value = meeting;
        }}
      />
    );
  }
  return room.hasSecret.value ? null : <Without />;
}

function Incomplete({ onCompleted }: { readonly onCompleted: (meeting: InvitedMeeting) => void }) {
  const { room } = useRoom();
  const busy = useSignal(false);
  const trouble = useSignal<Trouble | undefined>(undefined);
  const { isHost } = room.meeting.value;
  return (
    <Note icon={ShieldQuestionMark} tone="warning" title={say.noSecretTitle}>
      <p>{isHost ? say.noSecret : `${say.noSecret} ${say.askHost}`}</p>
      {isHost ? (
        <div class={css["remedy"]}>
          <Button
            size="small"
            busy={busy.value}
            onClick={async () => {
              busy.value = true;
              const result = await room.completeInvitation();
              busy.value = false;
              if (result.ok) {
                onCompleted(result.value);
              } else {
                trouble.value = result.trouble;
              }
            }}
          >
            {say.complete}
          </Button>
        </div>
      ) : null}
      <TroubleLine trouble={trouble.value} />
    </Note>
  );
}

/** The meeting has a secret, and who looks does not. */
function Without() {
  return (
    <Note icon={ShieldQuestionMark} tone="quiet">
      <p>{say.selfWithout}</p>
      <div class={css["remedy"]}>
        <Compare>{say.compare}</Compare>
      </div>
    </Note>
  );
}
