/** Who knocks: the acting host lets them in or does not. */
import { useId } from "preact/hooks";
import { Avatar } from "../../control/Avatar";
import { Button } from "../../control/Button";
import { strings } from "../../strings";
import { useRoom } from "../context";
import css from "./WaitingList.module.css";

const say = strings.people;

export function WaitingList() {
  const { room } = useRoom();
  const id = useId();
  const waiting = room.waiting.value;
  if (waiting.length === 0) {
    return null;
  }
  return (
    <section class={css["waiting"]} aria-labelledby={id}>
      <h3 id={id} class={css["title"]}>
        {say.waiting}
      </h3>
      <ul class={css["list"]}>
        {waiting.map((person) => (
          <li key={person.id} class={css["row"]}>
            <Avatar peerId={person.id} name={person.name} />
            <bdi class={css["name"]} title={person.name}>
              {person.name}
            </bdi>
            <Button
              size="small"
              kind="quiet"
              aria-label={say.denyName(person.name)}
              onClick={() => room.deny(person.id)}
            >
              {say.deny}
            </Button>
            <Button
              size="small"
              kind="primary"
              aria-label={say.admitName(person.name)}
              onClick={() => room.admit(person.id)}
            >
              {say.admit}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
