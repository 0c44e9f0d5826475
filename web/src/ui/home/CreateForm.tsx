/** A title makes a meeting; the dialog with its invitation follows. */
import { useSignal } from "@preact/signals";
import type { InvitedMeeting } from "../../session/model";
import { useShell } from "../context";
import { Button } from "../control/Button";
import { Field } from "../control/Field";
import { Invite } from "../invitation/Invite";
import { LazyInvitationDialog } from "../invitation/LazyInvitationDialog";
import { titleLimit } from "../limits";
import { strings } from "../strings";
import { sentenceOf } from "../trouble";
import css from "./CreateForm.module.css";

export function CreateForm() {
  const { app } = useShell();
  const title = useSignal("");
  const error = useSignal("");
  const busy = useSignal(false);
  const made = useSignal<InvitedMeeting | undefined>(undefined);

  const create = async () => {
    const wanted = title.value.trim();
    if (wanted === "") {
      error.value = strings.home.titleMissing;
      return;
    }
    busy.value = true;
    error.value = "";
    LazyInvitationDialog.preload();
    const result = await app.create(wanted);
    busy.value = false;
    if (result.ok) {
      made.value = result.value;
      title.value = "";
      app.loadMyMeetings();
    } else {
      error.value = sentenceOf(result.trouble);
    }
  };

  return (
    <form
      class={css["form"]}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy.value) {
          create();
        }
      }}
    >
      <Field
        label={strings.home.title}
        placeholder={strings.home.titleExample}
        value={title.value}
        maxLength={titleLimit}
        spellcheck
        error={error.value}
        onValue={(value) => {
          title.value = value;
          error.value = "";
        }}
      />
      <div class={css["button"]}>
        <Button type="submit" kind="primary" wide busy={busy.value}>
          {strings.home.create}
        </Button>
      </div>
      {made.value === undefined ? null : (
        <Invite
          meeting={made.value}
          isNew
          onClose={() => {
            made.value = undefined;
          }}
        />
      )}
    </form>
  );
}
