/** For the acting host: through whom the meeting travels, and what each could carry. */
import { useId } from "preact/hooks";
import type { Candidate, Connections } from "../../../session/model";
import { bitrate, millis } from "../../format";
import { strings } from "../../strings";
import { useRoom } from "../context";
import css from "./RouteChoice.module.css";
import { reasonOf } from "./reason";

const say = strings.route;

export function RouteChoice() {
  const { room } = useRoom();
  const connections = room.connections.value;
  const { candidates, manual, sfu } = connections;
  const group = useId();
  if (candidates.length === 0) {
    return null; // there is nothing to choose
  }
  return (
    <fieldset class={css["route"]}>
      <legend class={css["title"]}>{say.title}</legend>
      <p class={css["reason"]}>{reasonOf(connections, room.people.value)}</p>
      <Choice
        group={group}
        checked={!manual}
        name={say.automatic}
        hint={say.automaticHint}
        onChoose={() => room.route(undefined)}
      />
      {candidates.map((candidate) => (
        <Choice
          key={candidate.id}
          group={group}
          checked={manual && candidate.id === sfu}
          name={nameOf(candidate, candidates)}
          hint={hintOf(candidate, connections)}
          onChoose={() => room.route(candidate.id)}
        />
      ))}
    </fieldset>
  );
}

function nameOf(candidate: Candidate, all: readonly Candidate[]): string {
  const helpers = all.filter(({ kind }) => kind === "helper");
  if (candidate.kind === "node") {
    return say.through(candidate.name);
  }
  if (helpers.length === 1) {
    return say.throughHelper;
  }
  const named = new Set(helpers.map(({ name }) => name)).size === helpers.length;
  return say.throughHelperOf(named ? candidate.name : String(helpers.indexOf(candidate) + 1));
}

function hintOf(candidate: Candidate, { sfu, standby }: Connections): string {
  const { id, carries, uplinkKbps, rttMillis } = candidate;
  const rtt = rttMillis === undefined ? undefined : millis(rttMillis);
  return [
    ...(id === sfu ? [say.now] : id === standby ? [say.standby] : []),
    say.figures(carries, bitrate(uplinkKbps), rtt),
  ].join(" · ");
}

interface ChoiceProps {
  readonly group: string;
  readonly checked: boolean;
  readonly name: string;
  readonly hint: string;
  readonly onChoose: () => void;
}

function Choice({ group, checked, name, hint, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <label class={css["choice"]} for={id}>
      <input
        id={id}
        type="radio"
        name={group}
        checked={checked}
        aria-describedby={`${id}-hint`}
        aria-labelledby={`${id}-name`}
        onChange={onChoose}
      />
      <span class={css["words"]}>
        <bdi id={`${id}-name`} class={css["name"]}>
          {name}
        </bdi>
        <span id={`${id}-hint`} class={css["hint"]}>
          {hint}
        </span>
      </span>
    </label>
  );
}
