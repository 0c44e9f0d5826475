/**
 * Removing somebody: whether they may come back, and for the host whether what
 * they know goes on working. A renewed invitation is shown in the same place.
 */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { InvitedMeeting, Person, Trouble } from "../../../session/model";
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

interface ChoiceProps {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly onChange: (on: boolean) => void;
}

function Choice({ label, hint, checked, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <label class={css["choice"]} for={id}>
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-labelledby={`${id}-label`}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span class={css["words"]}>
        <span id={`${id}-label`}>{label}</span>
        {hint === undefined ? null : (
          <bdi id={`${id}-hint`} class={css["hint"]}>
            {hint}
          </bdi>
        )}
      </span>
    </label>
  );
}
