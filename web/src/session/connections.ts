/** The links as the picture of connections shows them. Pure. */
import type { Figures } from "../link/figures";
import type { ConnectionLine, Connections, Person, Quality } from "./model";

/** What is known of one's own link to somebody. */
export interface OwnLink {
  readonly quality: Quality;
  readonly figures: Figures;
}

export type Topology = Omit<Connections, "lines">;

/**
 * Own links with their figures, then those between others that the topology
 * makes. The warm link to a standby carries nothing: it is told, not drawn.
 */
export function connectionsOf(
  people: readonly Person[],
  links: ReadonlyMap<string, OwnLink>,
  topology: Topology,
): Connections {
  const self = people.find((person) => person.isSelf)?.id;
  const carries = ({ id }: Person) =>
    joins(topology, id, self) || (links.has(id) && id !== topology.standby);
  const own = people
    .filter((person) => !person.isSelf && person.kind !== "helper")
    .concat(people.filter(({ id, kind }) => kind === "helper" && id === topology.sfu))
    .filter(carries)
    .map((person) => line(self ?? "", person, links.get(person.id)));
  const others = people
    .filter(({ isSelf, kind, id }) => !isSelf && (kind !== "helper" || id === topology.sfu))
    .map((person) => person.id);
  const between = others.flatMap((from, i) =>
    others
      .slice(i + 1)
      .filter((to) => joins(topology, from, to))
      .map((to) => unseen(from, to)),
  );
  return { ...topology, lines: self === undefined ? between : [...own, ...between] };
}

function joins({ topology, sfu }: Topology, a: string, b: string | undefined): boolean {
  return topology === "mesh" || a === sfu || b === sfu;
}

function line(
  from: string,
  { id: to, quality }: Person,
  link: OwnLink | undefined,
): ConnectionLine {
  const state = quality === "unreachable" ? quality : (link?.quality ?? "connecting");
  return link === undefined ? { ...unseen(from, to), state } : { from, to, state, ...link.figures };
}

function unseen(from: string, to: string): ConnectionLine {
  return {
    from,
    to,
    state: "good",
    rttMillis: undefined,
    sendKbps: undefined,
    receiveKbps: undefined,
    lossPercent: undefined,
    relayed: false,
  };
}
