/** Invitations as this browser makes, reads and keeps them: the token, and the secret behind `#`. */
import { fromBase64Url, toBase64Url } from "../protocol/bytes";
import type { Keep } from "./keep";
import { randomBytes } from "./random";

/** Of a token and of a secret. */
const keyLength = 32;

export function newSecret(): string {
  return toBase64Url(randomBytes(keyLength));
}

export function linkOf(origin: string, token: string, secret: string | undefined): string {
  return `${origin}/join/${token}${secret === undefined ? "" : `#${secret}`}`;
}

export const isToken = (token: string): boolean => fromBase64Url(token)?.length === keyLength;

/** The secret in a page's fragment: undefined when there is none, "broken" when it was cut or changed. */
export function secretIn(fragment: string): string | "broken" | undefined {
  const text = fragment.replace(/^#/, "");
  if (text === "") {
    return undefined;
  }
  return fromBase64Url(text)?.length === keyLength ? text : "broken";
}

/**
 * Takes the secret out of the address bar, so that it is in no screenshot, no
 * history and no copied address. The rest of the page's state stays.
 */
export function clearFragment(): void {
  if (location.hash !== "") {
    history.replaceState(history.state, "", location.pathname + location.search);
  }
}

/** The link to a meeting whose invitation is kept here. */
export function keptLink(keep: Keep, origin: string, meetingId: string): string | undefined {
  const kept = keep.invitation(meetingId);
  return kept && linkOf(origin, kept.token, kept.secret);
}
