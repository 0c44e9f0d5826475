/** What is wrong with the devices, said once, with the remedy. Nothing waits for it. */
import { CircleAlert } from "lucide-preact";
import type { Devices } from "../../session/model";
import { strings } from "../strings";
import css from "./DeviceTrouble.module.css";
import { Icon } from "./Icon";

type Trouble = Devices["trouble"]["value"];

/** One sentence where both have the same trouble, else one each. */
function sentences({ microphone, camera }: Trouble): string[] {
  const say = strings.devices.trouble;
  if (microphone !== undefined && microphone === camera) {
    return [say.both[microphone]];
  }
  return [
    ...(microphone === undefined ? [] : [say.microphone[microphone]]),
    ...(camera === undefined ? [] : [say.camera[camera]]),
  ];
}

export function DeviceTroubleNote({ trouble }: { readonly trouble: Trouble }) {
  const lines = sentences(trouble);
  return (
    <div role="status" class={css["notes"]}>
      {lines.map((line) => (
        <p key={line} class={css["note"]}>
          <Icon of={CircleAlert} />
          <span>{line}</span>
        </p>
      ))}
    </div>
  );
}
