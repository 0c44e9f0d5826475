/** One picture: its person's name, marks, voice ring, and the veil while the link is away. */
import { Hand, MicOff, Pin, PinOff, ShieldQuestionMark } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import type { Person, Tile } from "../../session/model";
import { Avatar } from "../control/Avatar";
import { Icon } from "../control/Icon";
import { Video } from "../control/Video";
import { hueOf } from "../person";
import { strings } from "../strings";
import { Bars } from "./Bars";
import type { Place } from "./grid";
import type { ShownTiles } from "./shown";
import css from "./TileView.module.css";

const say = strings.tile;

interface Props {
  readonly tile: Tile;
  readonly place: Place | undefined;
  readonly onStage: boolean;
  readonly pinned: boolean;
  readonly shown: ShownTiles;
  /** By password, while others came by invitation. */
  readonly unproved: boolean;
  readonly onPin: () => void;
}

/** What the tile is called: it begins with the participant's name. */
function nameOf({ person, source }: Tile, unproved: boolean): string {
  const name = person.isSelf ? strings.common.you(person.name) : person.name;
  if (source === "screen") {
    return say.screen(name);
  }
  const marks = [
    ...(person.micOn ? [] : [say.muted]),
    ...(person.hand ? [say.hand] : []),
    ...(person.recording ? [say.recording] : []),
    ...(unproved ? [strings.entry.tile] : []),
    ...(person.isSelf ? [] : [say.quality[person.quality]]),
  ];
  return say.camera(name, marks);
}

function veilOf({ person, source, track }: Tile): string | undefined {
  if (person.isSelf) {
    return undefined;
  }
  if (person.quality === "lost") {
    return say.reconnecting;
  }
  if (person.quality === "connecting" || person.quality === "unreachable") {
    return say[person.quality];
  }
  return source === "screen" && track === undefined ? say.awaitingScreen : undefined;
}

export function TileView(props: Props) {
  const { tile, place, onStage, pinned, shown, unproved, onPin } = props;
  const figure = useRef<HTMLElement>(null);
  const { person, source, track, key } = tile;
  const veil = veilOf(tile);
  const isScreen = source === "screen";

  useEffect(() => {
    const element = figure.current;
    return element === null || person.isSelf ? undefined : shown.watch(key, element);
  }, [shown, key, person.isSelf]);

  const classes = [
    css["tile"],
    isScreen ? css["screen"] : css["camera"],
    onStage ? css["stage"] : css["placed"],
    person.speaking && !isScreen ? css["speaking"] : "",
  ];
  const pinName = pinned ? say.unpin(person.name) : say.pin(person.name);
  return (
    <figure
      ref={figure}
      class={classes.join(" ")}
      aria-label={nameOf(tile, unproved)}
      hidden={place === undefined}
      style={{
        "--hue": String(hueOf(person.id)),
        width: `${place?.width ?? 0}px`,
        height: `${place?.height ?? 0}px`,
        transform: onStage ? "none" : `translate(${place?.x ?? 0}px, ${place?.y ?? 0}px)`,
      }}
      onDblClick={onPin}
    >
      {isScreen || veil !== undefined ? null : (
        <Avatar peerId={person.id} name={person.name} size="tile" />
      )}
      <Video track={track} mirrored={person.isSelf && !isScreen} whole={isScreen} />
      {veil === undefined ? null : <span class={css["veil"]}>{veil}</span>}
      {person.hand && !isScreen ? (
        <span class={css["hand"]}>
          <Icon of={Hand} />
        </span>
      ) : null}
      <button
        type="button"
        class={css["pin"]}
        aria-label={pinName}
        title={pinName}
        aria-pressed={pinned}
        onClick={onPin}
      >
        <Icon of={pinned ? PinOff : Pin} />
      </button>
      <Label person={person} isScreen={isScreen} unproved={unproved} />
    </figure>
  );
}

interface LabelProps {
  readonly person: Person;
  readonly isScreen: boolean;
  readonly unproved: boolean;
}

/** The name comes first and the marks after it, so that it never jumps; only the red dot stands before it. */
function Label({ person, isScreen, unproved }: LabelProps) {
  const name = person.isSelf ? strings.common.you(person.name) : person.name;
  return (
    <figcaption class={css["label"]} aria-hidden="true">
      {person.recording && !isScreen ? <span class={css["dot"]} /> : null}
      <bdi class={css["name"]}>{isScreen ? say.screenLabel(name) : name}</bdi>
      {person.micOn || isScreen ? null : (
        <span class={css["muted"]}>
          <Icon of={MicOff} small />
        </span>
      )}
      {unproved && !isScreen ? (
        <span class={css["unproved"]}>
          <Icon of={ShieldQuestionMark} small />
        </span>
      ) : null}
      {person.isSelf || isScreen ? null : <Bars quality={person.quality} />}
    </figcaption>
  );
}
