/** The picture of who is connected to whom: pure geometry and figures, no drawing. */
import type { ConnectionLine, Connections } from "../../../session/model";

export interface Dot {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly isHub: boolean;
}

export interface Stroke {
  /** The same for both directions of a pair. */
  readonly key: string;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly width: number;
  readonly tone: Tone;
  readonly relayed: boolean;
}

/** How long a round trip takes: quick, noticeable, in the way; unknown for lines between others. */
export type Tone = "quick" | "fair" | "slow" | "unknown";

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly dots: readonly Dot[];
  readonly strokes: readonly Stroke[];
}

const width = 306;
const height = 268;

export function pairKey({ from, to }: ConnectionLine): string {
  return from < to ? `${from} ${to}` : `${to} ${from}`;
}

export function toneOf(rttMillis: number | undefined): Tone {
  if (rttMillis === undefined) {
    return "unknown";
  }
  return rttMillis < 100 ? "quick" : rttMillis < 300 ? "fair" : "slow";
}

/** Thicker by the logarithm of the bit rate: 1.5 for nothing, 6 for some megabits. */
export function widthOf({ sendKbps, receiveKbps }: ConnectionLine): number {
  const kbps = Math.max(0, sendKbps ?? 0) + Math.max(0, receiveKbps ?? 0);
  return Math.min(6, 1.5 + Math.log2(1 + kbps / 200));
}

/** The hub in the middle, the others on an ellipse from the top, in the order given. */
function dotsOf(ids: readonly string[], hub: string | undefined): Dot[] {
  const ring = ids.filter((id) => id !== hub);
  const radius = Math.max(7, Math.min(17, 120 / Math.max(1, ring.length)));
  const turn = (2 * Math.PI) / Math.max(1, ring.length);
  const dots = ring.map((id, at): Dot => {
    const angle = at * turn - Math.PI / 2;
    return {
      id,
      x: width / 2 + Math.cos(angle) * (width / 2 - radius - 12),
      y: height / 2 + Math.sin(angle) * (height / 2 - radius - 6),
      radius,
      isHub: false,
    };
  });
  return hub === undefined || !ids.includes(hub)
    ? dots
    : [...dots, { id: hub, x: width / 2, y: height / 2, radius: 24, isHub: true }];
}

/** One line for each pair: the one that has figures, where only one end knows them. */
export function pairs(lines: readonly ConnectionLine[]): ConnectionLine[] {
  const known = new Map<string, ConnectionLine>();
  for (const line of lines) {
    const key = pairKey(line);
    const other = known.get(key);
    if (other === undefined || (other.rttMillis === undefined && line.rttMillis !== undefined)) {
      known.set(key, line);
    }
  }
  return [...known.values()];
}

export function pictureOf(
  ids: readonly string[],
  connections: Pick<Connections, "topology" | "sfu" | "lines">,
): Picture {
  const hub = connections.topology === "mesh" ? undefined : connections.sfu;
  const dots = dotsOf(ids, hub);
  const place = new Map(dots.map((dot) => [dot.id, dot]));
  const strokes = pairs(connections.lines).flatMap((line): Stroke[] => {
    const from = place.get(line.from);
    const to = place.get(line.to);
    return from === undefined || to === undefined
      ? []
      : [
          {
            key: pairKey(line),
            x1: from.x,
            y1: from.y,
            x2: to.x,
            y2: to.y,
            width: widthOf(line),
            tone: toneOf(line.rttMillis),
            relayed: line.relayed,
          },
        ];
  });
  return { width, height, dots, strokes };
}
