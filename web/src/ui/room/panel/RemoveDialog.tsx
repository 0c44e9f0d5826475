/**
 * Removing somebody: whether they may come back, and for the host whether what
 * they know goes on working. A renewed invitation is shown in the same place.
 */
import { useSignal } from "@preact/signals";
import type { InvitedMeeting, Person, Trouble } from "../../../session/model";
import { Choice } from "../../control/Choice";
import { Confirm } from "../../control/Confirm";
import { NewInvitationDialog } from "../../invitation/NewInvitationDialog";
import { strings } from "../../strings";
import { useRoom } from "../context";
import css from "./RemoveDialog.module.css";

const say = strings.people;
const renewal = strings.renewal;

interface Props {
  readonly person: Person;
  readonly onClose: () => void;
}

export function RemoveDialog({ person, onClose }: Props) {
  const { room } = useRoom();
  const ban = useSignal(false);
  /** Undefined until it is touched: then it goes with the ban. */
  const chosen = useSignal<boolean | undefined>(undefined);
  const removed = useSignal(false);
  const busy = useSignal(false);
  const trouble = useSignal<Trouble | undefined>(undefined);
  const renewed = useSignal<InvitedMeeting | undefined>(undefined);
  // A helper knows neither; nobody but the host can make new ones.
  const renewable = room.meeting.value.isHost && person.kind !== "helper";
  const renews = renewable && (chosen.value ?? ban.value);

  const confirm = async () => {
    if (!removed.value) {
      room.removePerson(person.id, ban.value);
      removed.value = true;
    }
    if (!renews) {
      onClose();
      return;
    }
    busy.value = true;
    const result = await room.renewInvitation();
    busy.value = false;
    if (result.ok) {
      renewed.value = result.value;
    } else {
      trouble.value = result.trouble;
    }
  };

  if (renewed.value !== undefined) {
    const { title } = renewed.value;
    return (
      <NewInvitationDialog
        meeting={renewed.value}
        title={renewal.title(title)}
        lead={renewal.lead}
        onClose={onClose}
      />
    );
  }
  if (trouble.value !== undefined) {
    return (
      <Confirm
        key="again"
        title={renewal.check}
        text={renewal.failed(person.name)}
        action={strings.common.retry}
        busy={busy.value}
        trouble={trouble.value}
        onClose={onClose}
        onConfirm={confirm}
      />
    );
  }
  return (
    <Confirm
      key="remove"
      danger
      title={say.removeTitle(person.name)}
      text={say.removeText}
      action={say.removeDo}
      busy={busy.value}
      onClose={onClose}
      onConfirm={confirm}
    >
      <div class={css["choices"]}>
        <Choice
          label={say.ban}
          checked={ban.value}
          onChange={(on) => {
            ban.value = on;
          }}
        />
        {renewable ? (
          <Choice
            label={renewal.check}
            hint={renewal.hint(person.name)}
            checked={renews}
            onChange={(on) => {
              chosen.value = on;
            }}
          />
        ) : null}
      </div>
    </Confirm>
  );
}
