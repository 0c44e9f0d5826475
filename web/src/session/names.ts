/** What people are called: names as the wire takes them (protocol's kind "name"), and peer IDs in short. Pure. */

const maxCharacters = 60;

/** A typed name without what no name has; "" when nothing is left. */
export function plainName(typed: string): string {
  const plain = typed
    .normalize("NFC")
    .replace(/\p{Cc}+/gu, " ")
    .trim();
  return [...plain].slice(0, maxCharacters).join("").trim();
}

/** `12D3…dN5eh`: enough to tell two people apart on a screen. */
export function shortPeerId(peerId: string): string {
  return `${peerId.slice(0, 4)}…${peerId.slice(-5)}`;
}

/** Who has given no name. It goes to the others as it is, whatever their language. */
export function nameless(isHost: boolean): string {
  return isHost ? "Host" : "Guest";
}
