/** A name, which nobody has to give, and **Join meeting now**; for a browser that cannot join, why not. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { Trouble } from "../../session/model";
import { useShell } from "../context";
import { Button } from "../control/Button";
import { Field } from "../control/Field";
import { nameLimit } from "../limits";
import { strings } from "../strings";
import { sentenceOf } from "../trouble";
import { UnableNote } from "./DoorNotes";
import css from "./EnterForm.module.css";

interface Props {
  readonly busy: boolean;
  readonly trouble: Trouble | undefined;
  readonly onJoin: (name: string) => void;
}

export function EnterForm({ busy, trouble, onJoin }: Props) {
  const { app } = useShell();
  // Undefined until it is touched: a name that arrives late from storage still fills the field.
  const typed = useSignal<string | undefined>(undefined);
  const name = typed.value ?? app.name.value;
  const reason = useId();
  return (
    <form
      class={css["form"]}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && app.encryptable) {
          onJoin(name.trim());
        }
      }}
    >
      <Field
        label={strings.landing.name}
        placeholder={strings.landing.nameExample}
        value={name}
        maxLength={nameLimit}
        autocomplete="name"
        onValue={(value) => {
          typed.value = value;
        }}
      />
      {app.encryptable ? null : <UnableNote id={reason} />}
      <Button
        type="submit"
        kind="primary"
        wide
        busy={busy}
        disabled={!app.encryptable}
        aria-describedby={app.encryptable ? undefined : reason}
      >
        {strings.landing.join}
      </Button>
      <p class={css["trouble"]} role="alert">
        {trouble === undefined ? "" : sentenceOf(trouble)}
      </p>
    </form>
  );
}
