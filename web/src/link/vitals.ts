/** What the room's core is told of a link. Pure. */

export interface Vitals {
  /** The control channel is open and the heart beats. */
  readonly up: boolean;
  /** What was asked for flows, or the peer has said that nothing does. */
  readonly carrying: boolean;
  /** The peer asks for something. */
  readonly asked: boolean;
  /** Whole milliseconds; undefined before it was measured. */
  readonly rttMillis: number | undefined;
}

export const unborn: Vitals = { up: false, carrying: false, asked: true, rttMillis: undefined };

export const sameVitals = (a: Vitals, b: Vitals): boolean =>
  a.up === b.up && a.carrying === b.carrying && a.asked === b.asked && a.rttMillis === b.rttMillis;
