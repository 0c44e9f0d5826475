/** How the room is connected, and why, in a few sentences. Pure. */
import type { Candidate, Connections, Person } from "../../../session/model";
import { bitrate } from "../../format";
import { strings } from "../../strings";

const say = strings.connections;

export function reasonOf(connections: Connections, people: readonly Person[]): string {
  const { topology, reason } = connections;
  const why = isKnown(reason) ? [say.reasons[reason]] : [];
  if (topology === "tree") {
    return [say.tree, ...why].join(" ");
  }
  const hub = people.find(({ id }) => id === connections.sfu);
  return topology === "mesh" || hub === undefined
    ? [say.mesh, ...why].join(" ")
    : [shapeOf(hub), ...why, ...figuresOf(connections), standbyOf(connections, people)].join(" ");
}

function isKnown(reason: string): reason is keyof typeof say.reasons {
  return Object.hasOwn(say.reasons, reason);
}

const shapeOf = ({ kind, name }: Person): string =>
  kind === "helper" ? say.starHelper : say.star(name);

function figuresOf({ candidates, sfu }: Connections): string[] {
  const hub: Candidate | undefined = candidates.find(({ id }) => id === sfu);
  return hub === undefined || hub.uplinkKbps === 0
    ? []
    : [say.carries(bitrate(hub.uplinkKbps), hub.carries)];
}

function standbyOf({ standby, sfu }: Connections, people: readonly Person[]): string {
  const heir = people.find(({ id }) => id === standby && id !== sfu);
  if (heir === undefined) {
    return say.noStandby;
  }
  return heir.kind === "helper" ? say.standbyHelper : say.standby(heir.name);
}
