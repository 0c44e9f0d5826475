/** Single keys of the room, and when they are no commands but typing. */

export type Command =
  | "microphone"
  | "camera"
  | "screen"
  | "chat"
  | "people"
  | "hand"
  | "layout"
  | "talk"
  | "help"
  | "close";

const commands: Readonly<Record<string, Command>> = {
  m: "microphone",
  v: "camera",
  s: "screen",
  c: "chat",
  p: "people",
  h: "hand",
  l: "layout",
  " ": "talk",
  "?": "help",
  Escape: "close",
};

export interface Stroke {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly repeat: boolean;
  /** What has the focus. */
  readonly on: "page" | "control" | "text";
}

/** The command of a key stroke; undefined where it belongs to what has the focus. */
export function commandOf(stroke: Stroke, singleKeys: boolean): Command | undefined {
  if (stroke.ctrlKey || stroke.metaKey || stroke.altKey || stroke.repeat) {
    return undefined;
  }
  const key = stroke.key.length === 1 ? stroke.key.toLowerCase() : stroke.key;
  const command = Object.hasOwn(commands, key) ? commands[key] : undefined;
  if (command === "close") {
    return command;
  }
  if (stroke.on === "text" || !singleKeys) {
    return undefined;
  }
  // The space bar presses what has the focus, before anything else.
  return command === "talk" && stroke.on === "control" ? undefined : command;
}

/** What kind of thing an event came from. */
export function strokeTarget(target: EventTarget | null): Stroke["on"] {
  if (!(target instanceof HTMLElement)) {
    return "page";
  }
  if (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select")) {
    return "text";
  }
  return target.closest("button, a[href], summary, input, [role=button]") === null
    ? "page"
    : "control";
}
