/** How an identity looks before there is a face: a letter and a colour of its own. */

/** The first letter or picture of a name, without marks stacked upon it; a dot for who has none. */
export function initialOf(name: string): string {
  const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  for (const { segment } of segments.segment(name.slice(0, 120).normalize("NFC"))) {
    if (/\p{Extended_Pictographic}/u.test(segment)) {
      return segment;
    }
    const letter = /[\p{L}\p{N}]/u.exec(segment)?.[0];
    if (letter !== undefined) {
      return letter.toLocaleUpperCase();
    }
  }
  return "·";
}

/** A hue of the colour circle, in degrees, the same for an identity everywhere. */
export function hueOf(peerId: string): number {
  let hash = 2166136261;
  for (let at = 0; at < peerId.length; at++) {
    hash = Math.imul(hash ^ peerId.charCodeAt(at), 16777619);
  }
  return (hash >>> 8) % 360;
}

/** `12D3…dN5eh` */
export function shortId(peerId: string): string {
  return peerId.length <= 10 ? peerId : `${peerId.slice(0, 4)}…${peerId.slice(-5)}`;
}
