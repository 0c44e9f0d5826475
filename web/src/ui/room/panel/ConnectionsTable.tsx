/** The picture in words: a row for each line, which chooses it. */
import type { ConnectionLine, Person } from "../../../session/model";
import { bitrate, millis } from "../../format";
import { strings } from "../../strings";
import css from "./ConnectionsTable.module.css";
import { pairKey, toneOf } from "./picture";

const say = strings.connections;

/** Rows at once; a mesh of many has more lines between others than anybody reads. */
const limit = 60;

export function nameIn(people: readonly Person[], id: string): string {
  const person = people.find((each) => each.id === id);
  if (person === undefined) {
    return say.unknown;
  }
  if (person.isSelf) {
    return say.you;
  }
  return person.kind === "helper" ? say.helper : person.name;
}

function rateOf({ sendKbps, receiveKbps, relayed }: ConnectionLine): string {
  if (relayed) {
    return say.relayed;
  }
  return sendKbps === undefined && receiveKbps === undefined
    ? say.unknown
    : bitrate((sendKbps ?? 0) + (receiveKbps ?? 0));
}

interface Props {
  readonly lines: readonly ConnectionLine[];
  readonly people: readonly Person[];
  readonly chosen: string | undefined;
  readonly onChoose: (key: string) => void;
}

export function ConnectionsTable({ lines, people, chosen, onChoose }: Props) {
  return (
    <table class={css["table"]}>
      <caption class={css["unseen"]}>{say.table}</caption>
      <thead class={css["unseen"]}>
        <tr>
          <th scope="col">{say.between}</th>
          <th scope="col">{say.delay}</th>
          <th scope="col">{say.rate}</th>
        </tr>
      </thead>
      <tbody>
        {lines.slice(0, limit).map((line) => {
          const key = pairKey(line);
          return (
            <tr key={key} class={key === chosen ? css["chosen"] : ""}>
              <th scope="row" class={css["between"]}>
                <button
                  type="button"
                  class={css["choose"]}
                  aria-pressed={key === chosen}
                  onClick={() => onChoose(key)}
                >
                  <bdi>{say.line(nameIn(people, line.from), nameIn(people, line.to))}</bdi>
                </button>
              </th>
              <td class={css[toneOf(line.rttMillis)]}>
                {line.rttMillis === undefined ? say.unknown : millis(line.rttMillis)}
              </td>
              <td class={css["rate"]}>{rateOf(line)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
