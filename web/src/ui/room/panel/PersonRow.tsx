/** One participant: name, role, how they came in, and marks; what can be done is behind their menu. */
import { useSignal } from "@preact/signals";
import { Ellipsis, Hand, MicOff, Pin, UserMinus } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Person } from "../../../session/model";
import { Avatar } from "../../control/Avatar";
import { Button } from "../../control/Button";
import { Icon } from "../../control/Icon";
import { Menu, MenuItem } from "../../control/Menu";
import { strings } from "../../strings";
import { useRoom } from "../context";
import { someInvited } from "../entry";
import { EntryMark, entryText } from "./EntryMark";
import css from "./PersonRow.module.css";

const say = strings.people;

function rolesOf({ role, kind, isActingHost, recording }: Person): string {
  return [
    ...(role === "host" ? [say.host] : role === "co-host" ? [say.coHost] : []),
    ...(isActingHost && role !== "host" ? [say.chair] : []),
    ...(kind === "browser" ? [] : [say[kind]]),
    ...(recording ? [say.recording] : []),
  ].join(" · ");
}

interface ShapeProps {
  readonly person: Person;
  readonly name: string;
  readonly children: ComponentChildren;
}

/** The row itself, the same for oneself and others. */
export function RowShape({ person, name, children }: ShapeProps) {
  const { room } = useRoom();
  const open = useSignal(false);
  const id = useId();
  const roles = rolesOf(person);
  return (
    <li>
      <div class={css["row"]}>
        <Avatar peerId={person.id} name={person.name} />
        <div class={css["words"]}>
          <bdi class={css["name"]} title={name}>
            {name}
          </bdi>
          <span class={css["roles"]}>
            {roles === "" ? null : <span>{roles}</span>}
            {person.kind === "helper" ? null : (
              <EntryMark
                person={person}
                standsOut={someInvited(room.people.value)}
                open={open.value}
                explains={id}
                onToggle={() => {
                  open.value = !open.value;
                }}
              />
            )}
          </span>
        </div>
        {person.hand ? (
          <span class={css["hand"]} role="img" aria-label={say.hand}>
            <Icon of={Hand} small />
          </span>
        ) : null}
        {person.micOn || person.kind === "helper" ? null : (
          <span class={css["muted"]} role="img" aria-label={say.micOff}>
            <Icon of={MicOff} small />
          </span>
        )}
        {children}
      </div>
      <p id={id} class={css["explains"]} hidden={!open.value}>
        <bdi>{entryText(person)}</bdi>
      </p>
    </li>
  );
}

interface Props {
  readonly person: Person;
  /** Absent for who may not. */
  readonly onRemove?: () => void;
}

export function PersonRow({ person, onRemove }: Props) {
  const { ui } = useRoom();
  const key = `${person.id}/camera`;
  const pinned = ui.pinned.value === key;
  return (
    <RowShape person={person} name={person.name}>
      {person.kind === "helper" && onRemove === undefined ? null : (
        <Menu
          button={(props) => (
            <Button kind="quiet" size="icon" aria-label={say.menu(person.name)} {...props}>
              <Icon of={Ellipsis} />
            </Button>
          )}
        >
          {person.kind === "helper" ? null : (
            <MenuItem icon={<Icon of={Pin} />} onClick={() => ui.pin(key)}>
              {pinned ? strings.tile.unpin(person.name) : strings.tile.pin(person.name)}
            </MenuItem>
          )}
          {onRemove === undefined ? null : (
            <MenuItem danger icon={<Icon of={UserMinus} />} onClick={onRemove}>
              {say.remove}
            </MenuItem>
          )}
        </Menu>
      )}
    </RowShape>
  );
}
