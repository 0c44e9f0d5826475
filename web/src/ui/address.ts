/** What people type or paste to say which meeting they mean. */

/** An invitation's address taken apart. */
export interface PastedInvitation {
  readonly origin: string;
  readonly token: string;
  /** Path and fragment, to go to on its own origin. */
  readonly path: string;
}

/** Digits grouped as an ID is written, as far as they were typed: `482913` → `482-913`. */
export function withDashes(typed: string): string {
  const digits = typed.replace(/\D/g, "").slice(0, 9);
  return digits.replace(/(\d{3})(?=\d)/g, "$1-");
}

export function isWholeId(text: string): boolean {
  return /^\d{3}-\d{3}-\d{3}$/.test(text);
}

/** Where the caret belongs after `withDashes`, so that typing in the middle stays there. */
export function caretAfter(digitsBefore: number, formatted: string): number {
  let seen = 0;
  for (let at = 0; at < formatted.length; at++) {
    if (seen === digitsBefore) {
      return at;
    }
    if (formatted[at] !== "-") {
      seen++;
    }
  }
  return formatted.length;
}

/** The invitation in a pasted text, if that is what it is: alone, or inside a message. */
export function pastedInvitation(text: string): PastedInvitation | undefined {
  const found = /https?:\/\/[^\s<>"]+/i.exec(text.slice(0, 4096))?.[0];
  if (found === undefined || !URL.canParse(found)) {
    return undefined;
  }
  const url = new URL(found);
  const token = /^\/join\/([\w-]{1,128})\/?$/.exec(url.pathname)?.[1];
  return token === undefined
    ? undefined
    : { origin: url.origin, token, path: `/join/${token}${url.hash}` };
}

/** A password read aloud in groups is typed with a gap; the gap is no part of it. */
export function withoutGap(password: string): string {
  const trimmed = password.trim();
  return /^\d{3} \d{3}$/.test(trimmed) ? trimmed.replace(" ", "") : trimmed;
}
