/**
 * What this browser remembers, and nothing else does: the name, the devices,
 * the invitations (tokens, secrets) of one's meetings, and in each tab the way
 * back into its room. Storage that is full, forbidden or tampered with counts
 * as empty; it never stops a meeting.
 */
import type { Preferences } from "../media/devices";

/** The invitation to a meeting, as far as this browser holds it. */
export interface KeptInvitation {
  readonly token: string;
  /** 32 bytes in base64url; absent where the meeting was made without one. */
  readonly secret?: string;
}

/** The way back into a room after a reload of its tab. */
export interface Way {
  readonly ticket: string;
  readonly signalingUrl: string;
  readonly title: string;
  readonly hostId: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
}

const maxInvitations = 200;

export class Keep {
  readonly #local: Storage | undefined;
  readonly #tab: Storage | undefined;

  constructor(local = storage("localStorage"), tab = storage("sessionStorage")) {
    this.#local = local;
    this.#tab = tab;
  }

  get name(): string {
    const name = read(this.#local, "parley.name");
    return typeof name === "string" ? name.slice(0, 60) : "";
  }

  set name(name: string) {
    write(this.#local, "parley.name", name);
  }

  get preferences(): Preferences {
    const kept = record(read(this.#local, "parley.devices"));
    const chosen = record(kept["chosen"]);
    return {
      chosen: {
        microphone: text(chosen["microphone"]),
        camera: text(chosen["camera"]),
        speaker: text(chosen["speaker"]),
      },
      micOn: kept["micOn"] !== false,
      cameraOn: kept["cameraOn"] !== false,
    };
  }

  set preferences(preferences: Preferences) {
    write(this.#local, "parley.devices", preferences);
  }

  invitation(meetingId: string): KeptInvitation | undefined {
    return invitationOf(record(read(this.#local, "parley.invitations"))[meetingId]);
  }

  /** The secret that came with a token earlier, for a page that is loaded again without its fragment. */
  secretOf(token: string): string | undefined {
    const all = Object.values(record(read(this.#local, "parley.invitations")));
    return all.map(invitationOf).find((each) => each?.token === token)?.secret;
  }

  keepInvitation(meetingId: string, invitation: KeptInvitation): void {
    const { [meetingId]: _, ...others } = record(read(this.#local, "parley.invitations"));
    const newest = [...Object.entries(others), [meetingId, invitation] as const];
    write(this.#local, "parley.invitations", Object.fromEntries(newest.slice(-maxInvitations)));
  }

  forgetInvitation(meetingId: string): void {
    const { [meetingId]: _, ...others } = record(read(this.#local, "parley.invitations"));
    write(this.#local, "parley.invitations", others);
  }

  way(meetingId: string): Way | undefined {
    return wayOf(record(read(this.#tab, `parley.way.${meetingId}`)));
  }

  keepWay(meetingId: string, way: Way): void {
    write(this.#tab, `parley.way.${meetingId}`, way);
  }

  forgetWay(meetingId: string): void {
    try {
      this.#tab?.removeItem(`parley.way.${meetingId}`);
    } catch {
      // Nothing kept, nothing to forget.
    }
  }
}

function invitationOf(value: unknown): KeptInvitation | undefined {
  const { token, secret } = record(value);
  if (typeof token !== "string") {
    return undefined;
  }
  return typeof secret === "string" ? { token, secret } : { token };
}

function wayOf(value: Readonly<Record<string, unknown>>): Way | undefined {
  const { ticket, signalingUrl, title, hostId, createdAt, expiresAt } = value;
  const way = { ticket, signalingUrl, title, hostId, createdAt };
  if (!Object.values(way).every((each) => typeof each === "string")) {
    return undefined;
  }
  return { ...(way as Way), ...(typeof expiresAt === "string" && { expiresAt }) };
}

function storage(name: "localStorage" | "sessionStorage"): Storage | undefined {
  try {
    return globalThis[name];
  } catch {
    return undefined; // forbidden by the browser's settings
  }
}

function read(from: Storage | undefined, key: string): unknown {
  try {
    return JSON.parse(from?.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function write(to: Storage | undefined, key: string, value: unknown): void {
  try {
    to?.setItem(key, JSON.stringify(value));
  } catch {
    // Full: what is not remembered is asked for again.
  }
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};

const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;
