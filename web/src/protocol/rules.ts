/** The bounds that concern several members at once: the twin of pkg/protocol/rules.go. */
import { FieldError } from "./field-error";
import type { Directive, JoinRequest, Slots, Views } from "./messages.gen";

export function checkJoinRequest(request: JoinRequest): void {
  const { meeting_id, password, invitation_token } = request;
  if (invitation_token !== undefined) {
    if (meeting_id !== undefined || password !== undefined) {
      throw new FieldError("invitation_token", "must stand alone, without meeting_id and password");
    }
    return;
  }
  if (meeting_id === undefined && password === undefined) {
    throw new FieldError("meeting_id", "must be given with password, or else an invitation_token");
  }
  if (meeting_id === undefined) {
    throw new FieldError("meeting_id", "must be given with password");
  }
  if (password === undefined) {
    throw new FieldError("password", "must be given with meeting_id");
  }
}

export function checkDirective({ topology, sfu, standby }: Directive): void {
  if (topology === "mesh" && sfu !== undefined) {
    throw new FieldError("sfu", "must not be given for a mesh");
  }
  if (topology === "mesh" && standby !== undefined) {
    throw new FieldError("standby", "must not be given for a mesh");
  }
  if (topology !== "mesh" && sfu === undefined) {
    throw new FieldError("sfu", "must be given for a star or a tree");
  }
  if (standby !== undefined && standby === sfu) {
    throw new FieldError("standby", "must be another than sfu");
  }
}

export function checkSlots({ slots }: Slots): void {
  const seen = new Set<string>();
  for (const [i, { mid }] of slots.entries()) {
    if (seen.has(mid)) {
      throw new FieldError(`slots[${i}].mid`, "must not be the mid of another slot");
    }
    seen.add(mid);
  }
}

export function checkViews({ views }: Views): void {
  const seen = new Set<string>();
  for (const [i, { from, source }] of views.entries()) {
    const name = `${from} ${source}`;
    if (seen.has(name)) {
      throw new FieldError(`views[${i}]`, "must not name the source of another view");
    }
    seen.add(name);
  }
}
