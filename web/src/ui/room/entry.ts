/** How people came in, as it shows. Pure. */
import type { Person } from "../../session/model";

/**
 * By what somebody counts as having come in. Oneself without a proof counts for
 * the others as by password, by whichever door one came.
 */
export function wayOf({ isSelf, proved, via }: Person): Person["via"] {
  return isSelf && !proved ? "password" : via;
}

/** Somebody came by invitation: then who did not is worth a mark. Helpers are neither. */
export function someInvited(people: readonly Person[]): boolean {
  return people.some((person) => person.kind !== "helper" && wayOf(person) === "invitation");
}
