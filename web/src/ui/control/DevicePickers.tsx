/** Which camera, microphone and speaker, where there is a choice. */
import { useId } from "preact/hooks";
import type { DeviceKind, Devices } from "../../session/model";
import { strings } from "../strings";
import css from "./DevicePickers.module.css";
import field from "./Field.module.css";

const kinds: readonly DeviceKind[] = ["microphone", "camera", "speaker"];

export function DevicePickers({ devices }: { readonly devices: Devices }) {
  const choices = devices.choices.value;
  const chosen = devices.chosen.value;
  const shown = kinds.filter((kind) => choices[kind].length > 0);
  return shown.length === 0 ? null : (
    <div class={css["pickers"]}>
      {shown.map((kind) => (
        <Picker
          key={kind}
          kind={kind}
          choices={choices[kind]}
          chosen={chosen[kind]}
          onChoose={(id) => devices.choose(kind, id)}
        />
      ))}
    </div>
  );
}

interface PickerProps {
  readonly kind: DeviceKind;
  readonly choices: readonly { readonly id: string; readonly label: string }[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
}

function Picker({ kind, choices, chosen, onChoose }: PickerProps) {
  const id = useId();
  const known = choices.some((choice) => choice.id === chosen);
  return (
    <div class={field["field"]}>
      <label class={field["label"]} for={id}>
        {strings.devices[kind]}
      </label>
      <select
        id={id}
        class={`${field["input"]} ${css["select"]}`}
        value={known ? chosen : ""}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        {known ? null : <option value="">{strings.devices.defaultChoice}</option>}
        {choices.map((choice) => (
          <option key={choice.id} value={choice.id}>
            {choice.label || strings.devices[kind]}
          </option>
        ))}
      </select>
    </div>
  );
}
