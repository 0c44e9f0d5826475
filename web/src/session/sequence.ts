/**
 * The sequence numbers of one signaling session: what was sent and not yet
 * acknowledged, and what arrived. With it a session that is taken up again
 * loses nothing and gets nothing twice. Pure.
 */

export interface Kept<F> {
  readonly seq: number;
  readonly frame: F;
}

export interface Sequence<F> {
  /** The last number given to a frame of ours. */
  readonly sent: number;
  /** Sent, and not known to have arrived; oldest first. */
  readonly unacked: readonly Kept<F>[];
  /** The last number that arrived. */
  readonly received: number;
  /** The last number of which we told that it arrived. */
  readonly told: number;
}

/** As many as the rendezvous lets wait (protocol.MaxUnacked). */
export const maxUnacked = 256;
/** An acknowledgement is due after so many frames, or when nothing else is said for a while. */
export const ackAfter = 32;

export function fresh<F>(): Sequence<F> {
  return { sent: 0, unacked: [], received: 0, told: 0 };
}

/** Undefined when too many wait already. */
export function push<F>(s: Sequence<F>, frame: F): readonly [Sequence<F>, Kept<F>] | undefined {
  if (s.unacked.length >= maxUnacked) {
    return undefined;
  }
  const kept = { seq: s.sent + 1, frame };
  return [{ ...s, sent: kept.seq, unacked: [...s.unacked, kept] }, kept];
}

/** The other side has everything up to a number; one from the future is not believed. */
export function acknowledged<F>(s: Sequence<F>, received: number): Sequence<F> {
  return received > s.sent ? s : { ...s, unacked: s.unacked.filter((kept) => kept.seq > received) };
}

export type Arrival = "next" | "duplicate" | "gap";

export function arrived<F>(s: Sequence<F>, seq: number): readonly [Sequence<F>, Arrival] {
  if (seq <= s.received) {
    return [s, "duplicate"];
  }
  return seq === s.received + 1 ? [{ ...s, received: seq }, "next"] : [s, "gap"];
}

export function ackDue<F>(s: Sequence<F>): boolean {
  return s.received - s.told >= ackAfter;
}

export function told<F>(s: Sequence<F>): Sequence<F> {
  return { ...s, told: s.received };
}

/**
 * The session begins anew at the rendezvous: both counts start over, and what
 * still matters of the unacknowledged frames goes out again with new numbers.
 */
export function restarted<F>(s: Sequence<F>, matters: (frame: F) => boolean): Sequence<F> {
  const unacked = s.unacked
    .filter(({ frame }) => matters(frame))
    .map(({ frame }, i) => ({ seq: i + 1, frame }));
  return { sent: unacked.length, unacked, received: 0, told: 0 };
}
