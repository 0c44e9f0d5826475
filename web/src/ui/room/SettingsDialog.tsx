/** Devices while the meeting goes on, and whether single keys work. */
import { DevicePickers } from "../control/DevicePickers";
import { DeviceTroubleNote } from "../control/DeviceTrouble";
import { Dialog } from "../control/Dialog";
import { LevelMeter } from "../control/LevelMeter";
import { strings } from "../strings";
import { useRoom } from "./context";
import css from "./SettingsDialog.module.css";
import { SingleKeys } from "./SingleKeys";

export function SettingsDialog({ onClose }: { readonly onClose: () => void }) {
  const { devices } = useRoom().app;
  return (
    <Dialog title={strings.room.settings} width="narrow" onClose={onClose}>
      <div class={css["stack"]}>
        <DeviceTroubleNote trouble={devices.trouble.value} />
        <DevicePickers devices={devices} />
        <div class={css["level"]}>
          <span>{strings.devices.level}</span>
          <LevelMeter level={devices.level} on={devices.micOn.value} />
        </div>
        <SingleKeys />
      </div>
    </Dialog>
  );
}
