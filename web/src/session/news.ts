/** Which of the core's notices is worth a line to people, and which line. Pure. */
import type { Notice as RoomNotice } from "../room/outcome";
import type { Notice } from "./model";

/** Undefined for what passes unsaid: doubts that heal, and what a tile shows by itself. */
export function codeOf(
  notice: RoomNotice,
  before: { readonly topology: string },
): Notice["code"] | undefined {
  switch (notice.type) {
    case "entered":
      return "joined";
    case "gone":
      return notice.why === "lost" || notice.why === "removed" ? notice.why : "left";
    case "chair-moved":
      // The first one and the last one move nothing.
      return notice.from !== "" && notice.to !== "" ? "host" : undefined;
    case "followed":
      return notice.directive.topology === before.topology ? undefined : "topology";
    case "switched":
      return notice.taken_over ? "topology" : undefined;
    default:
      return undefined;
  }
}
