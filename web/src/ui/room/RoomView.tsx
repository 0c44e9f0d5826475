/** The room: a line on top, tiles, what is open beside them, and one toolbar. */
import { useSignalEffect } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import type { Room } from "../../session/model";
import { announce } from "../announce";
import { useShell } from "../context";
import { Button } from "../control/Button";
import { MessagePage } from "../page/MessagePage";
import { usePageTitle } from "../page/title";
import { strings } from "../strings";
import { Alarms, alarmsOf } from "./Alarms";
import { RoomContext, useRoom } from "./context";
import { KeysDialog } from "./KeysDialog";
import { Notices } from "./Notices";
import { Panels } from "./Panels";
import { RoomHeader } from "./RoomHeader";
import css from "./RoomView.module.css";
import { SettingsDialog } from "./SettingsDialog";
import { Sounds } from "./Sounds";
import { SafetyDialog } from "./safety/SafetyDialog";
import { Tiles } from "./Tiles";
import { Toolbar } from "./Toolbar";
import { useKeys } from "./useKeys";
import { RoomUi } from "./view";

export interface RoomViewProps {
  readonly room: Room;
  readonly onLeave: () => void;
}

export function RoomView({ room, onLeave }: RoomViewProps) {
  const { app } = useShell();
  const ui = useMemo(() => new RoomUi(room), [room]);
  const { title } = room.meeting.value;
  usePageTitle(title);

  if (room.state.value.phase === "waiting") {
    return (
      <MessagePage
        waiting
        title={strings.over.waiting}
        actions={<Button onClick={onLeave}>{strings.over.stopWaiting}</Button>}
      >
        <p>
          <bdi>{strings.over.waitingText(title)}</bdi>
        </p>
      </MessagePage>
    );
  }
  return (
    <RoomContext.Provider value={{ app, room, ui, leave: onLeave }}>
      <Inside />
    </RoomContext.Provider>
  );
}

function Inside() {
  const { room, ui } = useRoom();
  useKeys();
  useNewScreens();
  useHeardChat();
  const popup = ui.popup.value;
  const close = () => {
    ui.popup.value = undefined;
  };
  return (
    <div
      class={css["room"]}
      data-panel={ui.panel.value === undefined ? undefined : "open"}
      data-alarmed={alarmsOf(room).length > 0 ? "" : undefined}
    >
      <RoomHeader />
      <Alarms />
      <main class={css["main"]}>
        <Tiles />
        <Notices />
      </main>
      <Panels />
      <Toolbar />
      <Sounds />
      {popup === "settings" ? <SettingsDialog onClose={close} /> : null}
      {popup === "safety" ? <SafetyDialog onClose={close} /> : null}
      {popup === "keys" ? <KeysDialog onClose={close} /> : null}
    </div>
  );
}

/** A screen that appears takes the stage. */
function useNewScreens(): void {
  const { room, ui } = useRoom();
  const before = useRef<readonly string[]>([]);
  useSignalEffect(() => {
    const screens = room.tiles.value
      .filter((tile) => tile.source === "screen")
      .map((tile) => tile.key);
    if (screens.some((key) => !before.current.includes(key))) {
      ui.makeRoomForScreen();
    }
    before.current = screens;
  });
}

/** What is written while the chat is closed is heard by who cannot see the badge. */
function useHeardChat(): void {
  const { room, ui } = useRoom();
  const heard = useRef<string | undefined>(undefined);
  useSignalEffect(() => {
    const last = room.chat.value.at(-1);
    const isNew = last !== undefined && heard.current !== undefined && last.id !== heard.current;
    heard.current = last?.id ?? "";
    if (isNew && !last.isSelf && ui.panel.peek() !== "chat") {
      announce(strings.chat.from(last.name, last.text.slice(0, 300)));
    }
  });
}
