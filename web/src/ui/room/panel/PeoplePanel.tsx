/** Who is here and who waits outside; for the acting host, the door. */
import { useSignal } from "@preact/signals";
import { DoorClosedLocked, DoorOpen } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import type { Person } from "../../../session/model";
import { Button } from "../../control/Button";
import { Icon } from "../../control/Icon";
import { strings } from "../../strings";
import { useRoom } from "../context";
import { EntryChoice } from "./EntryChoice";
import { PanelFrame } from "./PanelFrame";
import css from "./PeoplePanel.module.css";
import { PersonRow } from "./PersonRow";
import { RemoveDialog } from "./RemoveDialog";
import { RouteChoice } from "./RouteChoice";
import { SecretNote } from "./SecretNote";
import { SelfRow } from "./SelfRow";
import { WaitingList } from "./WaitingList";

const say = strings.people;

export function PeoplePanel() {
  const { room } = useRoom();
  const removing = useSignal<Person | undefined>(undefined);
  const people = room.people.value;
  const count = useRef<HTMLParagraphElement>(null);
  // Whoever was removed took the button along that had the focus: it goes to how many are left.
  useEffect(() => {
    if (removing.value === undefined && document.activeElement === document.body) {
      count.current?.focus();
    }
  }, [removing.value]);
  const chair = room.self.value?.isActingHost === true;
  return (
    <PanelFrame title={strings.room.people}>
      <p ref={count} class={css["count"]} tabIndex={-1}>
        {say.count(people.filter(({ kind }) => kind !== "helper").length)}
      </p>
      <SecretNote />
      {chair ? <WaitingList /> : null}
      <ul class={css["list"]}>
        {people.map((person) =>
          person.isSelf ? (
            <SelfRow key={person.id} person={person} />
          ) : (
            <PersonRow
              key={person.id}
              person={person}
              {...(chair
                ? {
                    onRemove: () => {
                      removing.value = person;
                    },
                  }
                : {})}
            />
          ),
        )}
      </ul>
      {chair ? <RouteChoice /> : null}
      {chair ? <LockButton /> : null}
      <EntryChoice />
      {removing.value === undefined ? null : (
        <RemoveDialog
          person={removing.value}
          onClose={() => {
            removing.value = undefined;
          }}
        />
      )}
    </PanelFrame>
  );
}

function LockButton() {
  const { room } = useRoom();
  const locked = room.locked.value;
  return (
    <div class={css["lock"]}>
      <Button wide onClick={() => room.lock(!locked)}>
        <Icon of={locked ? DoorOpen : DoorClosedLocked} />
        {locked ? say.unlock : say.lock}
      </Button>
    </div>
  );
}
