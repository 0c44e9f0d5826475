/** The rendezvous' STUN and TURN servers as the browser takes them. Pure. */
import type { ICEServer } from "../protocol/codec";

/** One that a browser would throw at is left out: links by the others still come about. */
export function iceServersOf(servers: readonly ICEServer[]): readonly RTCIceServer[] {
  return servers.flatMap(({ urls, username, credential }) => {
    const known = urls.filter((url) => /^(stuns?|turns?):[^/\s]+$/.test(url));
    const relays = known.some((url) => url.startsWith("turn"));
    if (known.length === 0 || (relays && (username === undefined || credential === undefined))) {
      return [];
    }
    return [
      {
        urls: known,
        ...(username !== undefined && { username }),
        ...(credential !== undefined && { credential }),
      },
    ];
  });
}
