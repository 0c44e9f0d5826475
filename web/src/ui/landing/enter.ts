/** From an admission into the room: the same steps from every door. */
import { effect } from "@preact/signals";
import type { MeetingView, Result, Room, Trouble } from "../../session/model";
import type { Shell } from "../context";
import { LazyRoomView } from "../room/LazyRoomView";
import { address } from "../router";
import { type Admission, hasTicket } from "./admission";

/** Asks for a ticket in one of the app's ways and remembers how. */
export async function admit(
  { admissions }: Shell,
  again: Admission["again"],
): Promise<Result<MeetingView>> {
  const result = await again();
  if (result.ok) {
    admissions.keep({ meeting: result.value, again, ticketAt: performance.now() });
  }
  return result;
}

async function ticketFor(shell: Shell, admission: Admission): Promise<Trouble | undefined> {
  if (hasTicket(admission, performance.now())) {
    return undefined;
  }
  const result = await admit(shell, admission.again);
  return result.ok ? undefined : result.trouble;
}

/** How long the page of before stays at most, whatever is slow. */
const arrivalMillis = 300;

/**
 * Until the room is entered and the others in it are offered links. Painting it
 * keeps the page busy for as long as they take to answer: begun then, it goes on
 * beside that and not before it.
 */
function arrival(room: Room): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, arrivalMillis);
    const stop = effect(() => {
      if (room.state.value.phase !== "joining" && !room.offering.value) {
        clearTimeout(late);
        resolve();
      }
    });
    setTimeout(stop, arrivalMillis);
  });
}

/** Enters by an admission and shows the room. Returns what went wrong; the page stays where it is then. */
export async function enterBy(shell: Shell, admission: Admission): Promise<Trouble | undefined> {
  const { app, router, admissions } = shell;
  const { meetingId } = admission.meeting;
  LazyRoomView.preload();
  // Nobody waits for devices: a question about permission may stay unanswered.
  app.devices.start();
  const refused = await ticketFor(shell, admission);
  if (refused !== undefined) {
    return refused;
  }
  const entered = await app.enter(meetingId);
  const used = admissions.of(meetingId);
  if (used !== undefined) {
    admissions.keep({ ...used, ticketAt: undefined });
  }
  if (!entered.ok) {
    return entered.trouble;
  }
  await arrival(entered.value);
  router.go(address.room(meetingId));
  return undefined;
}

/** Asks for a ticket and enters at once. */
export async function enterRoom(
  shell: Shell,
  again: Admission["again"],
): Promise<Trouble | undefined> {
  LazyRoomView.preload();
  shell.app.devices.start();
  const admitted = await admit(shell, again);
  if (!admitted.ok) {
    return admitted.trouble;
  }
  const admission = shell.admissions.of(admitted.value.meetingId);
  return admission === undefined ? { code: "ticket" } : enterBy(shell, admission);
}
