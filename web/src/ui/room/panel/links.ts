/** The links in what somebody wrote: text stays text, and only the web's own addresses become links. */

export interface Piece {
  readonly text: string;
  readonly href?: string;
}

const address = /https?:\/\/[^\s<>"'`\u202a-\u202e\u2066-\u2069]+/gi;

/** Without the punctuation that ends the sentence around it. */
function trimmed(found: string): string {
  const link = found.replace(/[.,;:!?…]+$/, "");
  const opened = link.split("(").length;
  const closed = link.split(")").length;
  return link.endsWith(")") && closed > opened ? link.slice(0, -1) : link;
}

export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(address)) {
    const link = trimmed(match[0]);
    if (!URL.canParse(link)) {
      continue;
    }
    if (match.index > from) {
      pieces.push({ text: text.slice(from, match.index) });
    }
    pieces.push({ text: link, href: link });
    from = match.index + link.length;
  }
  if (from < text.length) {
    pieces.push({ text: text.slice(from) });
  }
  return pieces;
}
