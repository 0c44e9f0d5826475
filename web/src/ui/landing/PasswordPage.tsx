/** A room's address without an admission: its password opens the lobby. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import type { Trouble } from "../../session/model";
import { withoutGap } from "../address";
import { useShell } from "../context";
import { Button } from "../control/Button";
import { Field } from "../control/Field";
import { Header } from "../control/Header";
import { passwordLimit } from "../limits";
import { usePageTitle } from "../page/title";
import { strings } from "../strings";
import { sentenceOf } from "../trouble";
import { UnableNote } from "./DoorNotes";
import css from "./PasswordPage.module.css";

interface Props {
  readonly meetingId: string;
  readonly onPassword: (password: string) => Promise<Trouble | undefined>;
}

export function PasswordPage({ meetingId, onPassword }: Props) {
  const { app } = useShell();
  const say = strings.landing;
  const reason = useId();
  const password = useSignal("");
  const error = useSignal("");
  const busy = useSignal(false);
  usePageTitle(meetingId);

  const submit = async () => {
    const secret = withoutGap(password.value);
    if (secret === "") {
      error.value = strings.home.passwordMissing;
      return;
    }
    busy.value = true;
    const trouble = await onPassword(secret);
    busy.value = false;
    error.value = trouble === undefined ? "" : sentenceOf(trouble);
  };

  return (
    <>
      <Header />
      <main class={css["page"]}>
        <div class={css["card"]}>
          <div class={css["words"]}>
            <h1>{say.askPassword}</h1>
            <p class={css["text"]}>{say.askPasswordText}</p>
            <p class={css["quiet"]}>{strings.door.byPassword}</p>
          </div>
          <form
            class={css["form"]}
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              if (!busy.value && app.encryptable) {
                submit();
              }
            }}
          >
            <Field label={strings.home.id} value={meetingId} readOnly onValue={() => undefined} />
            <Field
              label={strings.home.password}
              placeholder={strings.home.passwordExample}
              value={password.value}
              maxLength={passwordLimit}
              autocapitalize="none"
              error={error.value}
              onValue={(value) => {
                password.value = value;
                error.value = "";
              }}
            />
            {app.encryptable ? null : <UnableNote id={reason} />}
            <Button
              type="submit"
              kind="primary"
              wide
              busy={busy.value}
              disabled={!app.encryptable}
              aria-describedby={app.encryptable ? undefined : reason}
            >
              {say.continue}
            </Button>
          </form>
        </div>
      </main>
    </>
  );
}
