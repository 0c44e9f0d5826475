/** Names as the wire takes them: protocol's kind "name". Pure. */

const maxCharacters = 60;

/** A typed name without what no name has; "" when nothing is left. */
export function plainName(typed: string): string {
  const plain = typed
    .normalize("NFC")
    .replace(/\p{Cc}+/gu, " ")
    .trim();
  return [...plain].slice(0, maxCharacters).join("").trim();
}
