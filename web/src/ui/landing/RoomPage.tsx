/**
 * `/room/{meeting_id}`: the room itself for who is in it, the way back after a
 * reload, and for everybody else the door that fits: the lobby for who was
 * admitted or made the meeting, the password form for who was not.
 */
import { batch, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Room } from "../../session/model";
import { withDashes } from "../address";
import { useShell } from "../context";
import { Button } from "../control/Button";
import { EndedPage } from "../page/EndedPage";
import { InvitationOnlyPage } from "../page/InvitationOnlyPage";
import { MessagePage } from "../page/MessagePage";
import { LazyRoomView } from "../room/LazyRoomView";
import { address } from "../router";
import { strings } from "../strings";
import { sentenceOf } from "../trouble";
import { type Door, findDoor } from "./door";
import { admit, enterBy } from "./enter";
import { Lobby } from "./Lobby";
import { LobbyWait } from "./LobbyWait";
import { PasswordPage } from "./PasswordPage";

/** The room of this page while one is in it. */
function roomHere(room: Room | undefined, meetingId: string): Room | undefined {
  return room?.meeting.value.meetingId === meetingId && room.state.value.phase !== "over"
    ? room
    : undefined;
}

export function RoomPage({ meetingId: typed }: { readonly meetingId: string }) {
  const shell = useShell();
  const { app, router, admissions } = shell;
  const meetingId = withDashes(typed);
  const door = useSignal<Door>({ at: "looking", returning: app.canReturn(meetingId) });
  const tries = useSignal(0);
  const last = useSignal<Room | undefined>(undefined);
  const here = roomHere(app.room.value, meetingId);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try looks again
  useEffect(() => {
    let current = true;
    findDoor(shell, meetingId, (next) => {
      if (current) {
        door.value = next;
      }
    });
    return () => {
      current = false;
    };
  }, [meetingId, tries.value]);

  // A room that ends by itself leaves the page with the reason.
  useSignalEffect(() => {
    const entered = app.room.value;
    if (entered?.meeting.peek().meetingId === meetingId) {
      last.value = entered;
    }
    const state = last.value?.state.value;
    if (last.value !== undefined && state?.phase === "over") {
      const { title } = last.value.meeting.peek();
      app.devices.stop();
      last.value = undefined;
      door.value = { at: "ended", title, trouble: state.trouble };
    }
  });

  // Going elsewhere by the browser's buttons is leaving, too: nobody stays heard unseen.
  useEffect(
    () => () => {
      if (roomHere(app.room.peek(), meetingId) !== undefined) {
        app.room.peek()?.leave();
        app.devices.stop();
      }
    },
    [app, meetingId],
  );

  const lookAgain = () => {
    door.value = { at: "looking", returning: false };
    tries.value++;
  };

  if (here !== undefined) {
    return (
      <LazyRoomView
        room={here}
        onLeave={() => {
          const { title } = here.meeting.peek();
          batch(() => {
            last.value = undefined;
            door.value = { at: "ended", title, trouble: undefined };
            here.leave();
          });
          app.devices.stop();
        }}
      />
    );
  }

  const now = door.value;
  switch (now.at) {
    case "looking":
      return (
        <LobbyWait text={now.returning ? strings.landing.returning : strings.landing.waiting} />
      );
    case "lobby":
      return (
        <Lobby
          meeting={now.admission.meeting}
          invited={undefined}
          enter={() => enterBy(shell, admissions.of(meetingId) ?? now.admission)}
        />
      );
    case "password":
      return (
        <PasswordPage
          meetingId={meetingId}
          onPassword={async (password) => {
            const result = await admit(shell, () => app.joinByPassword(meetingId, password));
            if (!result.ok) {
              if (result.trouble.code === "invitation-only") {
                door.value = { at: "invitation-only" };
              }
              return result.trouble;
            }
            lookAgain();
            return undefined;
          }}
        />
      );
    case "invitation-only":
      return <InvitationOnlyPage onHome={() => router.go(address.home)} />;
    case "ended":
      return now.trouble?.code === "invitation-only" ? (
        <InvitationOnlyPage onHome={() => router.go(address.home)} />
      ) : (
        <EndedPage
          title={now.title}
          trouble={now.trouble}
          onRejoin={async () => {
            const admission = admissions.of(meetingId);
            if (admission === undefined) {
              lookAgain();
              return undefined;
            }
            return enterBy(shell, admission);
          }}
        />
      );
    case "failed":
      return (
        <MessagePage
          title={strings.over.meeting}
          actions={
            <>
              <Button kind="primary" onClick={lookAgain}>
                {strings.common.retry}
              </Button>
              <Button onClick={() => router.go(address.home)}>{strings.common.home}</Button>
            </>
          }
        >
          <p>{sentenceOf(now.trouble)}</p>
        </MessagePage>
      );
  }
}
