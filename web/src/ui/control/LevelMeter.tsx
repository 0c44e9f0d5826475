/** How loud the microphone hears one: proof that it works before anybody listens. */
import { type ReadonlySignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { strings } from "../strings";
import css from "./LevelMeter.module.css";

interface Props {
  readonly level: ReadonlySignal<number>;
  readonly on: boolean;
}

export function LevelMeter({ level, on }: Props) {
  const meter = useRef<HTMLDivElement>(null);
  // Ten times a second, past the components: only a property of one element changes.
  useSignalEffect(() => {
    meter.current?.style.setProperty("--level", String(Math.min(1, Math.max(0, level.value))));
  });
  return (
    <div
      ref={meter}
      class={`${css["meter"]} ${on ? "" : css["off"]}`}
      role="img"
      aria-label={strings.devices.level}
    >
      <span class={css["bar"]} />
      <span class={css["bar"]} />
      <span class={css["bar"]} />
    </div>
  );
}
