/** Which of the core's notices is worth a line to people, and which line. Pure. */
import type { Participant } from "../protocol/codec";
import type { Notice as RoomNotice } from "../room/outcome";
import type { Notice } from "./model";

/** What the room was before. */
export interface Before {
  readonly topology: string;
  readonly sfu: string | undefined;
}

/**
 * Undefined for what passes unsaid: doubts that heal, what a tile shows by
 * itself, and helpers, of whom only what they do is told. `kind` is that of
 * whom the notice is about.
 */
export function codeOf(
  notice: RoomNotice,
  before: Before,
  kind: Participant["kind"] | undefined,
): Notice["code"] | undefined {
  switch (notice.type) {
    case "entered":
      return kind === "helper" ? undefined : "joined";
    case "gone":
      return kind === "helper" ? undefined : goneCode(notice.why);
    case "chair-moved":
      // The first one and the last one move nothing.
      return notice.from !== "" && notice.to !== "" ? "host" : undefined;
    case "followed":
    case "switched":
      return movedCode(before, after(notice, before), kind);
    default:
      return undefined;
  }
}

const goneCode = (why: string): Notice["code"] =>
  why === "lost" || why === "removed" ? why : "left";

function movedCode(before: Before, now: Before, kind: string | undefined) {
  if (now.topology === "mesh") {
    return before.topology === "mesh" ? undefined : "to-mesh";
  }
  if (now.sfu === before.sfu) {
    return undefined;
  }
  return kind === "helper" ? "to-helper" : "to-node";
}

/** Who carries the room after a notice. */
export function after(notice: RoomNotice, before: Before): Before {
  switch (notice.type) {
    case "followed":
      return { topology: notice.directive.topology, sfu: notice.directive.sfu };
    case "switched":
      return { ...before, sfu: notice.sfu };
    default:
      return before;
  }
}
