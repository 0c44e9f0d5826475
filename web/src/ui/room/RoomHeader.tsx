/** The meeting's title and its state, in pills that shrink before they wrap. */
import { Lock, type LucideIcon, RefreshCw, Share2, UserPlus } from "lucide-preact";
import { Icon } from "../control/Icon";
import { Mark } from "../control/Mark";
import { Mesh } from "../control/mesh";
import { strings } from "../strings";
import { togglePanel } from "./commands";
import { useRoom } from "./context";
import css from "./RoomHeader.module.css";

const say = strings.room;

export function RoomHeader() {
  const inRoom = useRoom();
  const { room } = inRoom;
  const state = room.state.value;
  const { title } = room.meeting.value;
  const waiting = room.waiting.value.length;
  return (
    <header class={css["header"]}>
      <Mark />
      <h1 class={css["title"]} title={title}>
        <bdi>{title}</bdi>
      </h1>
      <div class={css["pills"]}>
        {waiting > 0 ? (
          <button
            type="button"
            class={`${css["pill"]} ${css["button"]}`}
            title={say.knockingHint(waiting)}
            onClick={() => togglePanel(inRoom, "people")}
          >
            <Icon of={UserPlus} small />
            <span class={css["word"]}>{say.knocking(waiting)}</span>
          </button>
        ) : null}
        {state.phase === "joining" ? (
          <Pill icon={RefreshCw} word={say.joining} hint="" turn />
        ) : null}
        {state.phase === "in" && state.rendezvous === "reconnecting" ? (
          <Pill icon={RefreshCw} word={say.away} hint={say.awayHint} turn />
        ) : null}
        {room.locked.value ? (
          <Pill icon={Lock} word={say.lockedPill} hint={say.lockedHint} />
        ) : null}
        <Topology />
      </div>
    </header>
  );
}

function Topology() {
  const { room } = useRoom();
  const { topology, sfu } = room.connections.value;
  const name = room.people.value.find((person) => person.id === sfu)?.name;
  if (room.people.value.length < 2) {
    return null;
  }
  return topology === "mesh" || name === undefined ? (
    <Pill icon={Mesh} word={say.direct} hint={say.directHint} minor />
  ) : (
    <Pill icon={Share2} word={say.through(name)} hint={say.throughHint(name)} minor />
  );
}

interface PillProps {
  readonly icon: LucideIcon;
  readonly word: string;
  readonly hint: string;
  readonly turn?: boolean;
  /** Told elsewhere, too: the first to go where it is narrow. */
  readonly minor?: boolean;
}

function Pill({ icon, word, hint, turn, minor }: PillProps) {
  return (
    <span
      class={`${css["pill"]} ${minor ? css["minor"] : ""}`}
      title={hint === "" ? undefined : hint}
      role="status"
    >
      <span class={turn ? css["turn"] : css["still"]}>
        <Icon of={icon} small />
      </span>
      <bdi class={css["word"]}>{word}</bdi>
    </span>
  );
}
