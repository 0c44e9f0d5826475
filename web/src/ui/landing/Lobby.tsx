/**
 * The room before the door: the meeting, oneself in the mirror, a name, and
 * **Join meeting now**. Devices are asked for here and nothing waits for them.
 */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { InvitedMeeting, MeetingView, Trouble } from "../../session/model";
import { useShell } from "../context";
import { DevicePickers } from "../control/DevicePickers";
import { Header } from "../control/Header";
import { usePageTitle } from "../page/title";
import { LazyRoomView } from "../room/LazyRoomView";
import { strings } from "../strings";
import { NoSecretNote } from "./DoorNotes";
import { EnterForm } from "./EnterForm";
import { Facts } from "./Facts";
import css from "./Lobby.module.css";
import { Preview } from "./Preview";

interface Props {
  readonly meeting: MeetingView;
  /** Where this browser holds the invitation: password, and who is inside. */
  readonly invited: InvitedMeeting | undefined;
  readonly enter: () => Promise<Trouble | undefined>;
}

function eyebrow(meeting: MeetingView, invited: InvitedMeeting | undefined): string {
  const say = strings.landing;
  if (meeting.isHost) {
    return say.yours;
  }
  return invited === undefined ? say.joining : say.invited;
}

/** The whole link ends in the secret, behind `#`. */
function hasSecret({ link }: InvitedMeeting): boolean {
  return link.includes("#");
}

export function Lobby({ meeting, invited, enter }: Props) {
  const { app } = useShell();
  const busy = useSignal(false);
  const trouble = useSignal<Trouble | undefined>(undefined);
  usePageTitle(meeting.title);

  useEffect(() => {
    LazyRoomView.preload();
    app.devices.start();
    return () => {
      // Back to the start without having entered: the camera's light goes out.
      if (app.room.peek() === undefined) {
        app.devices.stop();
      }
    };
  }, [app]);

  const join = async (name: string) => {
    busy.value = true;
    trouble.value = undefined;
    app.setName(name);
    trouble.value = await enter();
    busy.value = false;
  };

  return (
    <>
      <Header />
      <main class={css["page"]}>
        <div class={css["heading"]}>
          <p class={css["eyebrow"]}>{eyebrow(meeting, invited)}</p>
          <h1 class={css["title"]} title={meeting.title}>
            <bdi>{meeting.title}</bdi>
          </h1>
        </div>
        <div class={css["preview"]}>
          <Preview />
        </div>
        <div class={css["devices"]}>
          <DevicePickers devices={app.devices} />
        </div>
        <div class={css["enter"]}>
          {invited === undefined || hasSecret(invited) ? null : (
            <NoSecretNote isHost={meeting.isHost} />
          )}
          <EnterForm busy={busy.value} trouble={trouble.value} onJoin={join} />
        </div>
        <div class={css["facts"]}>
          <Facts meeting={meeting} invited={invited} />
        </div>
      </main>
    </>
  );
}
