/** **Connections**: the picture, the reason for it, and the same as a table. */
import { useSignal } from "@preact/signals";
import type { ConnectionLine } from "../../../session/model";
import { strings } from "../../strings";
import { useRoom } from "../context";
import css from "./ConnectionsPanel.module.css";
import { ConnectionsPicture } from "./ConnectionsPicture";
import { ConnectionsTable } from "./ConnectionsTable";
import { LineFigures } from "./LineFigures";
import { PanelFrame } from "./PanelFrame";
import { pairKey, pairs } from "./picture";
import { reasonOf } from "./reason";

const say = strings.connections;

/** One's own lines first, then those between others. */
function inOrder(lines: readonly ConnectionLine[], self: string | undefined): ConnectionLine[] {
  const own = ({ from, to }: ConnectionLine) => (from === self || to === self ? 0 : 1);
  return pairs(lines).sort((a, b) => own(a) - own(b));
}

export function ConnectionsPanel() {
  const { room } = useRoom();
  const chosen = useSignal<string | undefined>(undefined);
  const connections = room.connections.value;
  // A helper is a dot where it carries the room; else it is not in the picture.
  const everybody = room.people.value;
  const people = everybody.filter(({ kind, id }) => kind !== "helper" || id === connections.sfu);
  const lines = inOrder(connections.lines, room.self.value?.id);
  const choose = (key: string) => {
    chosen.value = chosen.peek() === key ? undefined : key;
  };
  const line = lines.find((each) => pairKey(each) === chosen.value);

  if (people.length < 2) {
    return (
      <PanelFrame title={strings.room.connections}>
        <p class={css["reason"]}>{say.alone}</p>
      </PanelFrame>
    );
  }
  return (
    <PanelFrame title={strings.room.connections}>
      <p class={css["reason"]}>{reasonOf(connections, everybody)}</p>
      <ConnectionsPicture
        people={people}
        connections={connections}
        chosen={chosen.value}
        onChoose={choose}
      />
      {line === undefined ? (
        <p class={css["hint"]}>{say.pictureHint}</p>
      ) : (
        <LineFigures line={line} people={people} />
      )}
      <ConnectionsTable lines={lines} people={people} chosen={chosen.value} onChoose={choose} />
    </PanelFrame>
  );
}
