/** For who came with the password to a meeting that takes invitations only: the link goes in right here. */
import { useSignal } from "@preact/signals";
import { pastedInvitation } from "../address";
import { useShell } from "../context";
import { Button } from "../control/Button";
import { Field } from "../control/Field";
import { strings } from "../strings";
import css from "./InvitationOnlyPage.module.css";
import { MessagePage } from "./MessagePage";

const say = strings.door;

export function InvitationOnlyPage({ onHome }: { readonly onHome: () => void }) {
  const { router } = useShell();
  const link = useSignal("");
  const wrong = useSignal(false);

  const open = () => {
    const invitation = pastedInvitation(link.value);
    wrong.value = invitation === undefined;
    if (invitation === undefined) {
      return;
    }
    if (invitation.origin === location.origin) {
      router.go(invitation.path);
    } else {
      location.assign(invitation.origin + invitation.path);
    }
  };

  return (
    <MessagePage
      title={say.invitationOnly}
      actions={<Button onClick={onHome}>{strings.common.home}</Button>}
    >
      <p>{say.invitationOnlyText}</p>
      <form
        class={css["form"]}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          open();
        }}
      >
        <Field
          label={say.link}
          value={link.value}
          inputMode="url"
          autocapitalize="none"
          error={wrong.value ? say.notALink : ""}
          onValue={(value) => {
            link.value = value;
            wrong.value = false;
          }}
        />
        <Button type="submit" kind="primary" wide>
          {say.open}
        </Button>
      </form>
    </MessagePage>
  );
}
