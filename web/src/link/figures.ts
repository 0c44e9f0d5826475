/** A connection's statistics (webrtc-stats) → the few figures that people see. Pure. */

/** What is kept of one report, to compare the next one with. */
export interface Sample {
  readonly at: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly packetsLost: number;
  readonly packetsReceived: number;
  readonly rttMillis: number | undefined;
  readonly relayed: boolean;
}

export interface Figures {
  readonly rttMillis: number | undefined;
  readonly sendKbps: number | undefined;
  readonly receiveKbps: number | undefined;
  /** Of what was sent to us. */
  readonly lossPercent: number | undefined;
  readonly relayed: boolean;
}

export const noFigures: Figures = {
  rttMillis: undefined,
  sendKbps: undefined,
  receiveKbps: undefined,
  lossPercent: undefined,
  relayed: false,
};

interface Entry {
  readonly id: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

export function sample(report: Iterable<Entry>, at: number): Sample {
  const entries = new Map([...report].map((entry) => [entry.id, entry]));
  const pair = selectedPair(entries);
  let packetsLost = 0;
  let packetsReceived = 0;
  for (const entry of entries.values()) {
    if (entry.type === "inbound-rtp") {
      packetsLost += number(entry["packetsLost"]);
      packetsReceived += number(entry["packetsReceived"]);
    }
  }
  const rtt = pair?.["currentRoundTripTime"];
  return {
    at,
    bytesSent: number(pair?.["bytesSent"]),
    bytesReceived: number(pair?.["bytesReceived"]),
    packetsLost,
    packetsReceived,
    rttMillis: typeof rtt === "number" ? rtt * 1000 : undefined,
    relayed: [pair?.["localCandidateId"], pair?.["remoteCandidateId"]].some(
      (id) => entries.get(String(id))?.["candidateType"] === "relay",
    ),
  };
}

function selectedPair(entries: ReadonlyMap<string, Entry>): Entry | undefined {
  for (const entry of entries.values()) {
    if (entry.type === "transport") {
      const pair = entries.get(String(entry["selectedCandidatePairId"]));
      if (pair !== undefined) {
        return pair;
      }
    }
  }
  // Firefox marks the pair itself.
  return [...entries.values()].find(
    (entry) =>
      entry.type === "candidate-pair" && (entry["selected"] ?? entry["nominated"]) === true,
  );
}

export function figuresBetween(before: Sample | undefined, after: Sample): Figures {
  const { rttMillis, relayed } = after;
  const seconds = before === undefined ? 0 : (after.at - before.at) / 1000;
  if (before === undefined || seconds <= 0) {
    return { ...noFigures, rttMillis, relayed };
  }
  const kbps = (bytes: number) => Math.max(0, Math.round((bytes * 8) / 1000 / seconds));
  const lost = Math.max(0, after.packetsLost - before.packetsLost);
  const received = Math.max(0, after.packetsReceived - before.packetsReceived);
  return {
    rttMillis,
    relayed,
    // A restarted connection counts from zero again: that is no negative rate.
    sendKbps: kbps(after.bytesSent - before.bytesSent),
    receiveKbps: kbps(after.bytesReceived - before.bytesReceived),
    lossPercent: lost + received === 0 ? 0 : (100 * lost) / (lost + received),
  };
}

const number = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) ? value : 0;
