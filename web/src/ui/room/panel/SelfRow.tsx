/** Oneself among the participants, with one's name to change in place. */
import { useSignal } from "@preact/signals";
import { Check, Pencil } from "lucide-preact";
import type { Person } from "../../../session/model";
import { Button } from "../../control/Button";
import { Icon } from "../../control/Icon";
import { nameLimit } from "../../limits";
import { strings } from "../../strings";
import { useRoom } from "../context";
import { RowShape } from "./PersonRow";
import css from "./SelfRow.module.css";

const say = strings.people;

export function SelfRow({ person }: { readonly person: Person }) {
  const { app, room } = useRoom();
  const typed = useSignal<string | undefined>(undefined);

  if (typed.value === undefined) {
    return (
      <RowShape person={person} name={strings.common.you(person.name)}>
        <Button
          kind="quiet"
          size="icon"
          aria-label={say.rename}
          title={say.rename}
          onClick={() => {
            typed.value = person.name;
          }}
        >
          <Icon of={Pencil} />
        </Button>
      </RowShape>
    );
  }
  return (
    <li>
      <form
        class={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          const name = typed.peek()?.trim() ?? "";
          if (name !== "" && name !== person.name) {
            app.setName(name);
            room.rename(name);
          }
          typed.value = undefined;
        }}
      >
        <input
          autofocus
          ref={(input) => input?.focus()}
          class={css["input"]}
          aria-label={strings.landing.name}
          maxLength={nameLimit}
          autocomplete="name"
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape") {
              event.preventDefault();
              event.stopPropagation();
              typed.value = undefined;
            }
          }}
        />
        <Button type="submit" kind="primary" size="icon" aria-label={say.save}>
          <Icon of={Check} />
        </Button>
      </form>
    </li>
  );
}
