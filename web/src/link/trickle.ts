/** ICE candidates on their way: sent as they are found, the first at once, the next ones together. */

/** A candidate as it stands in the protocol. */
export interface Found {
  readonly candidate: string;
  readonly mid?: string;
  readonly line?: number;
  readonly ufrag?: string;
}

const gatherMillis = 20;
const maxTogether = 64;

export class Trickle {
  readonly #send: (candidates: Found[]) => void;
  #waiting: Found[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (candidates: Found[]) => void) {
    this.#send = send;
  }

  /** Null, the end of the candidates, needs no telling: checks end by themselves. */
  add(candidate: RTCIceCandidate | null): void {
    if (candidate === null || candidate.candidate === "") {
      return;
    }
    const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
    this.#waiting.push({
      candidate: candidate.candidate,
      ...(sdpMid !== null && { mid: sdpMid }),
      ...(sdpMLineIndex !== null && sdpMLineIndex > 0 && { line: sdpMLineIndex }),
      ...(usernameFragment !== null && { ufrag: usernameFragment }),
    });
    if (this.#timer === undefined || this.#waiting.length === maxTogether) {
      this.#flush();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length > 0) {
      const together = this.#waiting;
      this.#waiting = [];
      this.#send(together);
      this.#timer = setTimeout(() => this.#flush(), gatherMillis);
    }
  }
}

/** Gives the peer's candidates to the connection. */
export async function addFound(
  connection: RTCPeerConnection,
  candidates: readonly Found[],
): Promise<void> {
  for (const { candidate, mid, line, ufrag } of candidates) {
    // One that the browser does not like must not cost the others.
    await connection
      .addIceCandidate({
        candidate,
        sdpMid: mid ?? null,
        sdpMLineIndex: mid === undefined ? (line ?? 0) : null,
        usernameFragment: ufrag ?? null,
      })
      .catch(() => undefined);
  }
}
