/** Invitation link, meeting ID and password, each with its **Copy**. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Code } from "../control/Code";
import { CopyButton } from "../control/CopyButton";
import words from "../control/Words.module.css";
import { strings } from "../strings";
import css from "./Credentials.module.css";

interface RowProps {
  readonly label: string;
  readonly text: string;
  readonly children: ComponentChildren;
}

function Row({ label, text, children }: RowProps) {
  const id = useId();
  return (
    <div class={css["row"]}>
      <div class={words["words"]}>
        <span id={id} class={css["label"]}>
          {label}
        </span>
        {/* biome-ignore lint/a11y/useSemanticElements: a value with a name is no fieldset */}
        <div class={css["value"]} role="group" aria-labelledby={id}>
          {children}
        </div>
      </div>
      <CopyButton text={text} what={label} describedBy={id} />
    </div>
  );
}

interface Props {
  readonly link: string;
  readonly meetingId: string;
  readonly password: string;
}

export function Credentials({ link, meetingId, password }: Props) {
  return (
    <div>
      <Row label={strings.invitation.link} text={link}>
        <span class={css["link"]}>{link}</span>
      </Row>
      <Row label={strings.invitation.id} text={meetingId}>
        <Code text={meetingId} />
      </Row>
      <Row label={strings.invitation.password} text={password}>
        <Code text={password} />
      </Row>
    </div>
  );
}

/** For who holds no invitation: the ID alone. */
export function MeetingIdRow({ meetingId }: { readonly meetingId: string }) {
  return (
    <Row label={strings.invitation.id} text={meetingId}>
      <Code text={meetingId} />
    </Row>
  );
}
