/** How people came in, taken together. Pure. */
import type { Person } from "../../session/model";

/** Somebody came by invitation: then who did not is worth a mark. Helpers are neither. */
export function someInvited(people: readonly Person[]): boolean {
  return people.some(({ kind, via }) => kind !== "helper" && via === "invitation");
}
