/** Connects the keyboard to the room. */
import { useEffect } from "preact/hooks";
import { act } from "./commands";
import { useRoom } from "./context";
import { commandOf, strokeTarget } from "./keys";

export function useKeys(): void {
  const inRoom = useRoom();
  const { room, ui, app } = inRoom;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the context is made of these three
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      // A dialog on top has the keyboard to itself; so has a menu that took the key.
      if (event.defaultPrevented || document.querySelector("dialog[open]") !== null) {
        return;
      }
      const { key, ctrlKey, metaKey, altKey, repeat } = event;
      const on = strokeTarget(event.target);
      const command = commandOf(
        { key, ctrlKey, metaKey, altKey, repeat, on },
        ui.singleKeys.peek(),
      );
      if (command !== undefined) {
        event.preventDefault();
        act(inRoom, command);
      } else if (ui.talking.peek() && key === " ") {
        event.preventDefault();
      }
    };
    const silence = () => {
      if (ui.talking.peek()) {
        ui.talking.value = false;
        room.setMic(false);
      }
    };
    const up = (event: KeyboardEvent) => {
      if (event.key === " ") {
        silence();
      }
    };
    document.addEventListener("keydown", down);
    document.addEventListener("keyup", up);
    // The key's release is never heard when the window loses the keyboard meanwhile.
    window.addEventListener("blur", silence);
    return () => {
      document.removeEventListener("keydown", down);
      document.removeEventListener("keyup", up);
      window.removeEventListener("blur", silence);
    };
  }, [room, ui, app]);
}
