/** What a key or a control does: one place for both. */
import type { InRoom } from "./context";
import type { Command } from "./keys";
import type { Panel } from "./view";

const control = (name: string) =>
  document.querySelector<HTMLElement>(`[data-control="${name}"]`) ??
  document.querySelector<HTMLElement>('[data-control="more"]');

export function act(inRoom: InRoom, command: Command): void {
  const { app, room, ui } = inRoom;
  switch (command) {
    case "microphone":
      room.setMic(!app.devices.micOn.peek());
      break;
    case "camera":
      room.setCamera(!app.devices.cameraOn.peek());
      break;
    case "screen":
      if (room.sharing.peek()) {
        room.stopSharing();
      } else if (room.canShare.peek()) {
        room.startSharing();
      }
      break;
    case "hand":
      room.raiseHand(room.self.peek()?.hand !== true);
      break;
    case "chat":
    case "people":
      togglePanel(inRoom, command);
      break;
    case "layout":
      ui.toggleLayout();
      break;
    case "talk":
      if (!app.devices.micOn.peek()) {
        ui.talking.value = true;
        room.setMic(true);
      }
      break;
    case "help":
      ui.popup.value = "keys";
      break;
    case "close":
      closePanel(inRoom);
      break;
  }
}

export function togglePanel(inRoom: InRoom, panel: Panel): void {
  if (inRoom.ui.panel.peek() === panel) {
    closePanel(inRoom);
  } else {
    inRoom.ui.panel.value = panel;
  }
}

/** Closes what is open and gives the focus back to the control that opened it. */
export function closePanel({ ui }: InRoom): void {
  const open = ui.panel.peek();
  if (open !== undefined) {
    ui.panel.value = undefined;
    control(open)?.focus();
  }
}
