/** What is wrong with a message: the twin of pkg/protocol's FieldError, ErrTooLarge and ErrSyntax. */

/** Which member is wrong, and what it must be. It never holds a value that was sent. */
export class FieldError extends Error {
  override readonly name = "FieldError";
  /** A path, as in policy.mesh_max or roster[3].id; "" for the message itself. */
  readonly field: string;
  /** The bound, as the end of a sentence. */
  readonly says: string;

  constructor(field: string, says: string) {
    super(`${field === "" ? "the message" : field} ${says}`);
    this.field = field;
    this.says = says;
  }
}

const maxUnknown = 40;

/** A name that is not known here, shortened and printable. */
export function shownName(name: string): string {
  const shown = Array.from(name)
    .slice(0, maxUnknown)
    .join("")
    .replace(/[\p{C}\p{Z}]/gu, "?");
  return shown === "" ? "?" : shown;
}
