/** How the room's components reach the room, and what is arranged in it. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { App, Room } from "../../session/model";
import type { RoomUi } from "./view";

export interface InRoom {
  readonly app: App;
  readonly room: Room;
  readonly ui: RoomUi;
  readonly leave: () => void;
}

export const RoomContext = createContext<InRoom | undefined>(undefined);

export function useRoom(): InRoom {
  const inRoom = useContext(RoomContext);
  if (inRoom === undefined) {
    throw new Error("a component is outside of the room");
  }
  return inRoom;
}
