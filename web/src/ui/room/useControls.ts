/** The controls with their present names, pictures and effects. */
import {
  Hand,
  Keyboard,
  LayoutGrid,
  type LucideIcon,
  MessageSquare,
  MonitorUp,
  MonitorX,
  Plus,
  RectangleHorizontal,
  Settings,
  Users,
} from "lucide-preact";
import { mediaSwitch } from "../control/MediaSwitch";
import { Mesh } from "../control/mesh";
import { strings } from "../strings";
import { act, togglePanel } from "./commands";
import { useRoom } from "./context";
import type { ControlName } from "./controls";
import type { Command } from "./keys";
import type { Panel } from "./view";

export interface Control {
  readonly name: ControlName;
  readonly label: string;
  readonly icon: LucideIcon;
  /** Its key, as it is printed on a keyboard. */
  readonly key?: string;
  /** Off in a way that others notice: red. */
  readonly off?: boolean;
  /** Going on, or open: in the accent's colour. */
  readonly on?: boolean;
  readonly disabled?: boolean;
  /** For what opens and closes. */
  readonly expanded?: boolean;
  readonly badge?: number;
  readonly press: () => void;
}

const say = strings.room;

export function useControls(): Readonly<Record<ControlName, Control>> {
  const inRoom = useRoom();
  const { app, room, ui } = inRoom;
  const mic = app.devices.micOn.value;
  const camera = app.devices.cameraOn.value;
  const sharing = room.sharing.value;
  const hand = room.self.value?.hand === true;
  const onStage = ui.stage.value !== undefined;

  const command = (name: Command) => () => act(inRoom, name);
  const panel = (name: Panel) => ({
    name,
    expanded: ui.panel.value === name,
    on: ui.panel.value === name,
    press: () => togglePanel(inRoom, name),
  });
  const media = (of: "microphone" | "camera", on: boolean, key: string) => {
    const { name: label, icon } = mediaSwitch(of, on);
    return { name: of, label, icon, key, off: !on, press: command(of) };
  };

  return {
    microphone: media("microphone", mic, "M"),
    camera: media("camera", camera, "V"),
    screen: {
      name: "screen",
      label: sharing ? say.stopSharing : say.share,
      icon: sharing ? MonitorX : MonitorUp,
      key: "S",
      on: sharing,
      disabled: !(sharing || room.canShare.value),
      press: command("screen"),
    },
    hand: {
      name: "hand",
      label: hand ? say.handDown : say.handUp,
      icon: Hand,
      key: "H",
      on: hand,
      press: command("hand"),
    },
    chat: {
      ...panel("chat"),
      name: "chat",
      label: say.chat,
      icon: MessageSquare,
      key: "C",
      badge: room.unread.value,
    },
    people: {
      ...panel("people"),
      name: "people",
      label: say.people,
      icon: Users,
      key: "P",
      badge: room.waiting.value.length,
    },
    invite: { ...panel("invite"), name: "invite", label: say.invite, icon: Plus },
    connections: {
      ...panel("connections"),
      name: "connections",
      label: say.connections,
      icon: Mesh,
    },
    layout: {
      name: "layout",
      label: onStage ? say.toGrid : say.toSpeaker,
      icon: onStage ? LayoutGrid : RectangleHorizontal,
      key: "L",
      press: command("layout"),
    },
    settings: {
      name: "settings",
      label: say.settings,
      icon: Settings,
      press: () => {
        ui.popup.value = "settings";
      },
    },
    keys: { name: "keys", label: say.keys, icon: Keyboard, key: "?", press: command("help") },
  };
}
