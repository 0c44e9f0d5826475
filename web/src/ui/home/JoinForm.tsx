/** The way in for who has an ID and a password. A pasted invitation goes to its own page. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import {
  caretAfter,
  isWholeId,
  type PastedInvitation,
  pastedInvitation,
  withDashes,
  withoutGap,
} from "../address";
import { useShell } from "../context";
import { Button } from "../control/Button";
import { Field } from "../control/Field";
import { admit } from "../landing/enter";
import { passwordLimit } from "../limits";
import { address } from "../router";
import { strings } from "../strings";
import { sentenceOf } from "../trouble";
import css from "./JoinForm.module.css";

const say = strings.home;

interface Props {
  /** The password was right and is not enough. */
  readonly onInvitationOnly: () => void;
}

export function JoinForm({ onInvitationOnly }: Props) {
  const shell = useShell();
  const { app, router } = shell;
  const heading = useId();
  const id = useSignal("");
  const password = useSignal("");
  const busy = useSignal(false);
  const idError = useSignal("");
  const passwordError = useSignal("");
  const elsewhere = useSignal<PastedInvitation | undefined>(undefined);

  const takeId = (text: string, input: HTMLInputElement) => {
    const invitation = pastedInvitation(text);
    idError.value = "";
    elsewhere.value = undefined;
    if (invitation !== undefined) {
      id.value = "";
      input.value = "";
      if (invitation.origin === location.origin) {
        router.go(invitation.path);
      } else {
        elsewhere.value = invitation;
      }
      return;
    }
    const before = text.slice(0, input.selectionStart ?? text.length).replace(/\D/g, "").length;
    const formatted = withDashes(text);
    id.value = formatted;
    // Even where the signal did not change, the field may hold what does not belong there.
    input.value = formatted;
    const caret = caretAfter(before, formatted);
    input.setSelectionRange(caret, caret);
  };

  const join = async () => {
    const wanted = id.value;
    const secret = withoutGap(password.value);
    idError.value = isWholeId(id.value) ? "" : say.idMissing;
    passwordError.value = secret === "" ? say.passwordMissing : "";
    if (idError.value !== "" || passwordError.value !== "") {
      return;
    }
    busy.value = true;
    const result = await admit(shell, () => app.joinByPassword(wanted, secret));
    busy.value = false;
    if (result.ok) {
      router.go(address.room(result.value.meetingId));
      return;
    }
    const { code, field } = result.trouble;
    if (code === "invitation-only") {
      onInvitationOnly();
    } else if (code === "meeting-not-found" || field === "meeting_id") {
      idError.value = sentenceOf(result.trouble);
    } else {
      passwordError.value = sentenceOf(result.trouble);
    }
  };

  return (
    <section class={css["card"]} aria-labelledby={heading}>
      <h2 id={heading}>{say.joinCard}</h2>
      <form
        class={css["form"]}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy.value) {
            join();
          }
        }}
      >
        <Field
          label={say.id}
          placeholder={say.idExample}
          value={id.value}
          inputMode="numeric"
          error={elsewhere.value === undefined ? idError.value : <Elsewhere to={elsewhere.value} />}
          onValue={takeId}
        />
        <Field
          label={say.password}
          placeholder={say.passwordExample}
          value={password.value}
          maxLength={passwordLimit}
          autocapitalize="none"
          error={passwordError.value}
          onValue={(value) => {
            password.value = value;
            passwordError.value = "";
          }}
        />
        <Button type="submit" wide busy={busy.value}>
          {say.join}
        </Button>
      </form>
    </section>
  );
}

function Elsewhere({ to }: { readonly to: PastedInvitation }) {
  return (
    <>
      {say.otherServer(new URL(to.origin).host)}{" "}
      <a href={to.origin + to.path} rel="noreferrer">
        {say.openThere}
      </a>
    </>
  );
}
