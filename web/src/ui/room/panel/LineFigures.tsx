/** Everything that is known of the chosen line. */
import type { ConnectionLine, Person } from "../../../session/model";
import { bitrate, millis, percent } from "../../format";
import { strings } from "../../strings";
import { nameIn } from "./ConnectionsTable";
import css from "./LineFigures.module.css";

const say = strings.connections;

interface Props {
  readonly line: ConnectionLine;
  readonly people: readonly Person[];
}

export function LineFigures({ line, people }: Props) {
  const told = (value: number | undefined, format: (value: number) => string) =>
    value === undefined ? say.unknown : format(value);
  const figures: readonly (readonly [string, string])[] = [
    [say.state, say.quality[line.state]],
    [say.path, line.relayed ? say.relayed : say.direct],
    [say.delay, told(line.rttMillis, millis)],
    [say.sending, told(line.sendKbps, bitrate)],
    [say.receiving, told(line.receiveKbps, bitrate)],
    [say.loss, told(line.lossPercent, percent)],
  ];
  return (
    <section class={css["figures"]} aria-live="polite">
      <h3 class={css["title"]}>
        <bdi>{say.line(nameIn(people, line.from), nameIn(people, line.to))}</bdi>
      </h3>
      <dl class={css["list"]}>
        {figures.map(([name, value]) => (
          <div key={name} class={css["figure"]}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
