/** After the room: having left, or why it ended, and the way on from here. */
import { useSignal } from "@preact/signals";
import type { Trouble } from "../../session/model";
import { useShell } from "../context";
import { Button } from "../control/Button";
import { address } from "../router";
import { strings } from "../strings";
import { sentenceOf } from "../trouble";
import { MessagePage } from "./MessagePage";

interface Props {
  /** The meeting's title. */
  readonly title: string;
  /** Undefined for who left by themselves. */
  readonly trouble: Trouble | undefined;
  readonly onRejoin: () => Promise<Trouble | undefined>;
}

function headingOf(trouble: Trouble | undefined): string {
  const say = strings.over;
  switch (trouble?.code) {
    case undefined:
      return say.left;
    case "ended":
      return say.over;
    case "elsewhere":
      return say.elsewhere;
    default:
      return say.out;
  }
}

/** Endings after which the same way in leads nowhere. */
const final = ["ended", "removed", "banned", "denied", "meeting-not-found"];

export function EndedPage({ title, trouble, onRejoin }: Props) {
  const { router } = useShell();
  const say = strings.over;
  const busy = useSignal(false);
  const refused = useSignal<Trouble | undefined>(undefined);
  const why = refused.value ?? trouble;
  const rejoins = why === undefined || !final.includes(why.code);
  return (
    <MessagePage
      title={headingOf(trouble)}
      actions={
        <>
          {rejoins ? (
            <Button
              kind="primary"
              busy={busy.value}
              onClick={async () => {
                busy.value = true;
                refused.value = await onRejoin();
                busy.value = false;
              }}
            >
              {say.rejoin}
            </Button>
          ) : null}
          <Button onClick={() => router.go(address.home)}>{strings.common.home}</Button>
        </>
      }
    >
      <p role={refused.value === undefined ? undefined : "alert"}>
        {why === undefined ? <bdi>{say.leftText(title)}</bdi> : sentenceOf(why)}
      </p>
    </MessagePage>
  );
}
