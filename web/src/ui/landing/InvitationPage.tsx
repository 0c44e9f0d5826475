/** `/join/{token}`: everything about the meeting, one click away from it. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { InvitedMeeting, Trouble } from "../../session/model";
import { useShell } from "../context";
import { Button } from "../control/Button";
import { MessagePage } from "../page/MessagePage";
import { LazyRoomView } from "../room/LazyRoomView";
import { address } from "../router";
import { strings } from "../strings";
import { sentenceOf } from "../trouble";
import { enterRoom } from "./enter";
import { Lobby } from "./Lobby";
import { LobbyWait } from "./LobbyWait";

interface Props {
  readonly token: string;
  readonly fragment: string;
}

type Opened =
  | { readonly state: "opening" }
  | { readonly state: "open"; readonly meeting: InvitedMeeting }
  | { readonly state: "failed"; readonly trouble: Trouble };

export function InvitationPage({ token, fragment }: Props) {
  const shell = useShell();
  const { app, router } = shell;
  const opened = useSignal<Opened>({ state: "opening" });
  const tries = useSignal(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try opens it again
  useEffect(() => {
    let current = true;
    opened.value = { state: "opening" };
    LazyRoomView.preload();
    app.openInvitation(token, fragment).then((result) => {
      if (current) {
        opened.value = result.ok
          ? { state: "open", meeting: result.value }
          : { state: "failed", trouble: result.trouble };
      }
    });
    return () => {
      current = false;
    };
  }, [app, token, fragment, tries.value, opened]);

  const now = opened.value;
  if (now.state === "opening") {
    return <LobbyWait />;
  }
  if (now.state === "open") {
    return (
      <Lobby
        meeting={now.meeting}
        invited={now.meeting}
        enter={() => enterRoom(shell, () => app.joinByInvitation(token))}
      />
    );
  }
  const ended = now.trouble.code === "invitation-not-found";
  return (
    <MessagePage
      title={strings.over.invitation}
      actions={
        <>
          {ended ? null : (
            <Button
              kind="primary"
              onClick={() => {
                tries.value++;
              }}
            >
              {strings.common.retry}
            </Button>
          )}
          <Button onClick={() => router.go(address.home)}>{strings.common.home}</Button>
        </>
      }
    >
      <p>{sentenceOf(now.trouble)}</p>
    </MessagePage>
  );
}
