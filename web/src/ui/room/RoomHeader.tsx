/** The meeting's title and its state, in pills that shrink before they wrap. */
import { DoorClosedLocked, type LucideIcon, RefreshCw, Share2, UserPlus } from "lucide-preact";
import { Icon } from "../control/Icon";
import { Mark } from "../control/Mark";
import { Mesh } from "../control/mesh";
import pill from "../control/Pill.module.css";
import { strings } from "../strings";
import { togglePanel } from "./commands";
import { useRoom } from "./context";
import css from "./RoomHeader.module.css";
import { SafetyButton } from "./safety/SafetyButton";

const say = strings.room;
const look = `${pill["pill"]} ${css["pill"]}`;

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
            class={`${look} ${css["button"]}`}
            title={say.knockingHint(waiting)}
            onClick={() => togglePanel(inRoom, "people")}
          >
            <Icon of={UserPlus} small />
            <span class={css["word"]}>{say.knocking(waiting)}</span>
          </button>
        ) : null}
        <Recording />
        {state.phase === "joining" ? (
          <Pill icon={RefreshCw} word={say.joining} hint="" turn />
        ) : null}
        {state.phase === "in" && state.rendezvous === "reconnecting" ? (
          <Pill icon={RefreshCw} word={say.away} hint={say.awayHint} turn />
        ) : null}
        {room.locked.value ? (
          <Pill icon={DoorClosedLocked} word={say.lockedPill} hint={say.lockedHint} />
        ) : null}
        <Topology />
      </div>
      <SafetyButton />
    </header>
  );
}

/** Whoever is recorded sees it, and by whom, as long as it runs. Its line in the log has been read out. */
function Recording() {
  const { room } = useRoom();
  const names = room.people.value.filter(({ recording }) => recording).map(({ name }) => name);
  const [first, ...more] = names;
  return first === undefined ? null : (
    <span class={`${look} ${css["recording"]}`} title={say.recordingHint(names)}>
      <span class={css["dot"]} />
      <bdi class={css["word"]}>{say.recording(first, more.length)}</bdi>
    </span>
  );
}

function Topology() {
  const { room } = useRoom();
  const { topology, sfu } = room.connections.value;
  const hub = room.people.value.find((person) => person.id === sfu);
  if (room.people.value.length < 2) {
    return null;
  }
  if (topology === "mesh" || hub === undefined) {
    return <Pill icon={Mesh} word={say.direct} hint={say.directHint} minor />;
  }
  return hub.kind === "helper" ? (
    <Pill icon={Share2} word={say.throughHelper} hint={say.throughHelperHint} minor />
  ) : (
    <Pill icon={Share2} word={say.through(hub.name)} hint={say.throughHint(hub.name)} minor />
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
      class={`${look} ${minor ? css["minor"] : ""}`}
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
