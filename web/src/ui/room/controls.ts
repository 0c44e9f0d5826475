/** The toolbar's controls: what they are called, and which of them fit. */
import type { Room } from "../../session/model";

export type ControlName =
  | "microphone"
  | "camera"
  | "screen"
  | "hand"
  | "chat"
  | "people"
  | "invite"
  | "connections"
  | "layout"
  | "settings"
  | "keys";

/** As they stand, from the start to the end of the bar. */
export const order: readonly ControlName[] = [
  "microphone",
  "camera",
  "screen",
  "hand",
  "chat",
  "people",
  "invite",
  "connections",
  "layout",
  "settings",
  "keys",
];

/** What stays longest where it is narrow; layout, devices and shortcuts are always behind **More**. */
const staying: readonly ControlName[] = [
  "microphone",
  "camera",
  "chat",
  "screen",
  "people",
  "invite",
  "connections",
  "hand",
];

export interface Fitting {
  readonly shown: readonly ControlName[];
  readonly behind: readonly ControlName[];
}

export interface Widths {
  readonly bar: number;
  readonly control: number;
  readonly leave: number;
  readonly gap: number;
}

/** How many controls stand in the bar beside **More** and **Leave**. */
export function fitting({ bar, control, leave, gap }: Widths): Fitting {
  const room = bar - leave - (control + gap);
  const count = Math.max(2, Math.floor(room / (control + gap)));
  const stays = new Set(staying.slice(0, count));
  return {
    shown: order.filter((name) => stays.has(name)),
    behind: order.filter((name) => !stays.has(name)),
  };
}

/** Whether this browser can share a screen at all; phones mostly cannot. */
export function sharesScreens(room: Room): boolean {
  return room.sharing.value || typeof navigator.mediaDevices?.getDisplayMedia === "function";
}
