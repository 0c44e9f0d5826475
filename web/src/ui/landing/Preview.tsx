/** Oneself in the mirror before going in: picture, switches, level, devices, and what is wrong with them. */
import { useShell } from "../context";
import { Avatar } from "../control/Avatar";
import { DeviceTroubleNote } from "../control/DeviceTrouble";
import { LevelMeter } from "../control/LevelMeter";
import { MediaSwitch } from "../control/MediaSwitch";
import { Video } from "../control/Video";
import { strings } from "../strings";
import css from "./Preview.module.css";

export function Preview() {
  const { app } = useShell();
  const { devices } = app;
  const track = devices.cameraTrack.value;
  const trouble = devices.trouble.value;
  return (
    <section class={css["preview"]} aria-label={strings.devices.preview}>
      <div class={css["mirror"]}>
        <Avatar peerId={app.identity.value?.peerId ?? ""} name={app.name.value} size="tile" />
        <Video track={track} mirrored />
        <div class={css["switches"]}>
          <MediaSwitch
            of="microphone"
            on={devices.micOn.value}
            broken={trouble.microphone !== undefined}
            onSwitch={(on) => devices.setMic(on)}
          />
          <MediaSwitch
            of="camera"
            on={devices.cameraOn.value}
            broken={trouble.camera !== undefined}
            onSwitch={(on) => devices.setCamera(on)}
          />
        </div>
        <div class={css["level"]}>
          <LevelMeter level={devices.level} on={devices.micOn.value} />
        </div>
      </div>
      <DeviceTroubleNote trouble={trouble} />
    </section>
  );
}
