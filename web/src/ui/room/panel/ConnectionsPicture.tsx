/** Participants as dots, links as lines: thick by bit rate, coloured by round trip, dashed where relayed. */
import { useMemo } from "preact/hooks";
import type { Connections, Person } from "../../../session/model";
import { initialOf } from "../../person";
import { strings } from "../../strings";
import css from "./ConnectionsPicture.module.css";
import { type Dot, pictureOf } from "./picture";

interface Props {
  readonly people: readonly Person[];
  readonly connections: Connections;
  readonly chosen: string | undefined;
  readonly onChoose: (key: string) => void;
}

/** For eyes and pointers; the table beside it is the same for everybody else. */
export function ConnectionsPicture({ people, connections, chosen, onChoose }: Props) {
  const picture = useMemo(
    () =>
      pictureOf(
        people.map((person) => person.id),
        connections,
      ),
    [people, connections],
  );
  const byId = new Map(people.map((person) => [person.id, person]));
  return (
    <svg
      class={css["picture"]}
      viewBox={`0 0 ${picture.width} ${picture.height}`}
      role="img"
      aria-label={strings.connections.picture}
    >
      {picture.strokes.map(({ key, x1, y1, x2, y2, width, tone, relayed }) => (
        <g key={key} class={`${css["link"]} ${key === chosen ? css["chosen"] : ""}`}>
          <line
            class={`${css["line"]} ${css[tone]}`}
            {...{ x1, y1, x2, y2 }}
            stroke-width={width}
            stroke-dasharray={relayed ? "7 5" : undefined}
          />
          {/* biome-ignore lint/a11y/noStaticElementInteractions: a wide place to click; the table has the button */}
          <line class={css["touch"]} {...{ x1, y1, x2, y2 }} onClick={() => onChoose(key)} />
        </g>
      ))}
      {picture.dots.map((dot) => (
        <DotView key={dot.id} dot={dot} person={byId.get(dot.id)} />
      ))}
    </svg>
  );
}

function DotView({ dot, person }: { readonly dot: Dot; readonly person: Person | undefined }) {
  const name = person?.name ?? "";
  const short = dot.isHub && [...name].length <= 5 ? name : initialOf(name);
  return (
    <g class={`${css["dot"]} ${dot.isHub ? css["hub"] : ""} ${person?.isSelf ? css["self"] : ""}`}>
      <title>{name}</title>
      <circle cx={dot.x} cy={dot.y} r={dot.radius} />
      {dot.radius < 9 ? null : (
        <text x={dot.x} y={dot.y} dy="0.36em">
          {short}
        </text>
      )}
    </g>
  );
}
