/** Who could carry the room, as people choose between them. Pure. */
import { defaults } from "../room/elect";
import type { State } from "../room/state";
import type { Candidate } from "./model";

/** Those who are willing, in join order. */
export function candidatesOf({ members, meshMax }: State): readonly Candidate[] {
  const { receiver_kbps } = defaults(meshMax);
  return members
    .filter(({ is, capacity, doubted }) => isWilling(is.kind, capacity.willing) && doubted === 0)
    .sort((a, b) => a.is.n - b.is.n)
    .map(({ is, capacity, rtt }) => ({
      id: is.id,
      name: is.presence.name,
      kind: is.kind === "helper" ? "helper" : "node",
      uplinkKbps: capacity.uplink_kbps,
      rttMillis: rtt === 0 ? undefined : rtt,
      carries: Math.floor(capacity.uplink_kbps / receiver_kbps),
    }));
}

const isWilling = (kind: string, willing: boolean): boolean => kind !== "browser" && willing;

/** Who stands by when `through` is chosen by hand: who does now, else another candidate. */
export function standbyFor(
  through: string,
  candidates: readonly Candidate[],
  serving: readonly (string | undefined)[],
): string | undefined {
  const others = candidates.filter(({ id }) => id !== through);
  const known = serving.find((id) => others.some((each) => each.id === id));
  const best = [...others].sort((a, b) => b.uplinkKbps - a.uplinkKbps)[0];
  return known ?? best?.id;
}
