/** Which door of a room is open to this browser. */
import type { Trouble } from "../../session/model";
import { isWholeId } from "../address";
import type { Shell } from "../context";
import { LazyRoomView } from "../room/LazyRoomView";
import type { Admission } from "./admission";
import { admit } from "./enter";

export type Door =
  | { readonly at: "looking"; readonly returning: boolean }
  | { readonly at: "lobby"; readonly admission: Admission }
  | { readonly at: "password" }
  /** The password was right and is not enough: entry is by invitation. */
  | { readonly at: "invitation-only" }
  | { readonly at: "ended"; readonly title: string; readonly trouble: Trouble | undefined }
  | { readonly at: "failed"; readonly trouble: Trouble };

/** Troubles that no password would mend. */
const final = ["meeting-not-found", "network", "offline", "timeout", "unavailable", "internal"];

/** Looks for the door and tells it; tells nothing where the room itself has opened. */
export async function findDoor(
  shell: Shell,
  meetingId: string,
  tell: (door: Door) => void,
): Promise<void> {
  const { app, admissions } = shell;
  if (!isWholeId(meetingId)) {
    tell({ at: "failed", trouble: { code: "meeting-not-found" } });
    return;
  }
  if (app.room.peek()?.meeting.peek().meetingId === meetingId) {
    return;
  }
  LazyRoomView.preload();
  if (app.canReturn(meetingId)) {
    app.devices.start();
    if ((await app.enter(meetingId)).ok) {
      return;
    }
  }
  const held = admissions.of(meetingId);
  if (held !== undefined) {
    tell({ at: "lobby", admission: held });
    return;
  }
  const mine = await admit(shell, () => app.joinMine(meetingId));
  const admission = admissions.of(meetingId);
  if (mine.ok && admission !== undefined) {
    tell({ at: "lobby", admission });
  } else if (!mine.ok && final.includes(mine.trouble.code)) {
    tell({ at: "failed", trouble: mine.trouble });
  } else {
    tell({ at: "password" });
  }
}
