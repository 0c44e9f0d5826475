/** Which devices there are and which of them is meant: the pure part. */
import type { CaptureKind, DeviceKind } from "./trouble";

export interface DeviceChoice {
  readonly id: string;
  readonly label: string;
}

export type Choices = Readonly<Record<DeviceKind, readonly DeviceChoice[]>>;
export type Chosen = Readonly<Record<DeviceKind, string | undefined>>;

export const noChoices: Choices = { microphone: [], camera: [], speaker: [] };

const kinds: Readonly<Record<MediaDeviceKind, DeviceKind>> = {
  audioinput: "microphone",
  videoinput: "camera",
  audiooutput: "speaker",
};

/** The devices by kind. Before a permission is given a browser names none: those are left out. */
export function choicesOf(
  devices: readonly Pick<MediaDeviceInfo, "kind" | "deviceId" | "label">[],
): Choices {
  const found: Record<DeviceKind, DeviceChoice[]> = { microphone: [], camera: [], speaker: [] };
  for (const { kind, deviceId, label } of devices) {
    if (deviceId !== "" && label !== "") {
      found[kinds[kind]].push({ id: deviceId, label });
    }
  }
  return found;
}

/** Whether there is any device of a kind, named or not. */
export function exists(devices: readonly Pick<MediaDeviceInfo, "kind">[], kind: CaptureKind) {
  return devices.some((device) => kinds[device.kind] === kind);
}

/**
 * The device to use: the one in use while it is there, else the one that was
 * asked for (now or on an earlier day), else the browser's own first.
 */
export function pick(
  list: readonly DeviceChoice[],
  inUse: string | undefined,
  wished: string | undefined,
): string | undefined {
  const has = (id: string | undefined) => list.some((device) => device.id === id);
  if (has(inUse)) {
    return inUse;
  }
  return has(wished) ? wished : list[0]?.id;
}
