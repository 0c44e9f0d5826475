/** Meeting IDs, titles, passwords and invitation links: the twin of pkg/meeting. */
import { fromBase64Url } from "./bytes";
import { plain } from "./kinds";
import { isWithin } from "./parse";

/** The nine digits of `482913006` or `482-913-006`; undefined for anything else. */
export function parseMeetingId(text: string): string | undefined {
  const parts = /^([0-9]{3})(-?)([0-9]{3})\2([0-9]{3})$/.exec(text);
  return parts === null ? undefined : `${parts[1]}${parts[3]}${parts[4]}`;
}

/** The form for people, `482-913-006`, of an ID in either form. */
export function showMeetingId(id: string): string {
  return id.replace(/^([0-9]{3})([0-9]{3})([0-9]{3})$/, "$1-$2-$3");
}

export function isTitle(text: string): boolean {
  return plain(text, 1, 120);
}

/** A password in the form in which it is counted and compared; undefined when it is none. */
export function normalPassword(text: string): string | undefined {
  const normal = text.length <= 1024 ? text.normalize("NFC") : "";
  return plain(normal, 6, 64) ? normal : undefined;
}

export interface Invitation {
  /** The rendezvous' public URL, without a slash at its end. */
  readonly base: string;
  readonly token: string;
  readonly secret: string | undefined;
}

/** Why a text is no invitation link. */
export type InvitationFault = "not-invitation" | "no-token" | "broken-token" | "broken-secret";

const maxLink = 2048;
const joinPath = "/join/";
const basePattern =
  /^(https?):\/\/([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?((?:\/[a-z0-9_~-][a-z0-9._~-]*)*)$/i;
const around = /^\p{White_Space}+|\p{White_Space}+$/gu;

/**
 * Takes a link apart as people paste it: white space around it and one slash
 * after the token do not matter, a query is ignored.
 */
export function parseInvitation(text: string): Invitation | InvitationFault {
  if (!isWithin(text, maxLink)) {
    return "not-invitation";
  }
  const [whole, fragment] = cut(text.replace(around, ""), "#");
  const link = cut(whole, "?")[0].replace(/\/$/, "");
  const noToken = link.endsWith("/join");
  const at = noToken ? link.length - "/join".length : link.lastIndexOf(joinPath);
  const base = at < 0 ? undefined : parseBase(link.slice(0, at));
  if (base === undefined) {
    return "not-invitation";
  }
  const token = link.slice(at + joinPath.length);
  if (token === "") {
    return "no-token";
  }
  if (!isKey(token)) {
    return "broken-token";
  }
  if (fragment !== "" && !isKey(fragment)) {
    return "broken-secret";
  }
  return { base, token, secret: fragment === "" ? undefined : fragment };
}

export function showInvitation({ base, token, secret }: Invitation): string {
  return `${base}${joinPath}${token}${secret === undefined ? "" : `#${secret}`}`;
}

function cut(text: string, at: string): [before: string, after: string] {
  const i = text.indexOf(at);
  return i < 0 ? [text, ""] : [text.slice(0, i), text.slice(i + 1)];
}

function isKey(text: string): boolean {
  return text.length === 43 && fromBase64Url(text) !== undefined;
}

/** A base as browsers write its origin: scheme and host in small letters, no default port. */
function parseBase(text: string): string | undefined {
  const parts = basePattern.exec(text);
  if (parts === null) {
    return undefined;
  }
  const [, scheme = "", host = "", port = "", path = ""] = parts;
  const small = scheme.toLowerCase();
  const usual = port === (small === "https" ? ":443" : ":80");
  return `${small}://${host.toLowerCase()}${usual ? "" : port}${path}`;
}
