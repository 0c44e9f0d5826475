/** Who one is: the name that others see, and the key that is the account. */
import { useSignal } from "@preact/signals";
import { useShell } from "../context";
import { nameLimit } from "../limits";
import { strings } from "../strings";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Field } from "./Field";
import css from "./NameDialog.module.css";

export function NameDialog({ onClose }: { readonly onClose: () => void }) {
  const { app } = useShell();
  const name = useSignal(app.name.value);
  const say = strings.identity;
  return (
    <Dialog title={say.title} lead={say.explain} width="narrow" onClose={onClose}>
      <form
        class={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          app.setName(name.value.trim());
          onClose();
        }}
      >
        <Field
          label={say.title}
          value={name.value}
          maxLength={nameLimit}
          autocomplete="name"
          onValue={(value) => {
            name.value = value;
          }}
        />
        <div class={css["key"]}>
          <h3 class={css["label"]}>{say.key}</h3>
          <p class={css["id"]}>{app.identity.value?.peerId}</p>
          <p class={css["label"]}>{say.keyExplain}</p>
        </div>
        <Button type="submit" kind="primary">
          {say.save}
        </Button>
      </form>
    </Dialog>
  );
}
