import { lazy } from "../control/lazy";
import type { RoomViewProps } from "./RoomView";

/** The room, loaded while somebody is still at the door. */
export const LazyRoomView = lazy<RoomViewProps>(() =>
  import("./RoomView").then((module) => module.RoomView),
);
