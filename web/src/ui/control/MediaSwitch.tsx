/** Microphone or camera, on or off: the same round of names everywhere. */
import { Mic, MicOff, Video as VideoIcon, VideoOff } from "lucide-preact";
import { strings } from "../strings";
import { Icon } from "./Icon";
import css from "./MediaSwitch.module.css";

interface Props {
  readonly of: "microphone" | "camera";
  readonly on: boolean;
  /** The device cannot be had: pressing asks for it again. */
  readonly broken: boolean;
  readonly onSwitch: (on: boolean) => void;
}

/** What the switch is called in each state, and its picture. */
export function mediaSwitch(of: Props["of"], on: boolean) {
  const say = strings.devices;
  return of === "microphone"
    ? { name: on ? say.mute : say.unmute, icon: on ? Mic : MicOff }
    : { name: on ? say.cameraTurnOff : say.cameraTurnOn, icon: on ? VideoIcon : VideoOff };
}

export function MediaSwitch({ of, on, broken, onSwitch }: Props) {
  const { name, icon } = mediaSwitch(of, on);
  return (
    <button
      type="button"
      class={`${css["switch"]} ${on ? "" : css["off"]} ${broken ? css["broken"] : ""}`}
      aria-label={name}
      title={name}
      onClick={() => onSwitch(!on)}
    >
      <Icon of={icon} />
    </button>
  );
}
