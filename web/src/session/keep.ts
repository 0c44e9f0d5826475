/**
 * What this browser remembers, and nothing else does: the name, the devices,
 * the invitations (tokens, secrets) of one's meetings, and in each tab the way
 * back into its room. Storage that is full, forbidden or tampered with counts
 * as empty; it never stops a meeting.
 */
import type { Entry } from "../e2ee/doorkeeper";
import type { Preferences } from "../media/devices";
import { type Former, type Memory, maxFormer, maxMembers, struck } from "./memory";

/** The invitation to a meeting, as far as this browser holds it. */
export interface KeptInvitation {
  readonly token: string;
  /** 32 bytes in base64url; absent where the meeting was made without one. */
  readonly secret?: string;
  /** What the host gave to prove oneself with in the secret's place, in base64url. */
  readonly membership?: string;
  /** Of one's own meeting: what its invitations were before, the newest first. */
  readonly former?: readonly Former[];
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
const maxHosts = 500;
const maxEntries = 500;

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

  /**
   * The moment of a card that is made now, milliseconds since 1970: after that of
   * the last one. Others take none that is older than one that they have seen,
   * even where a clock was set back.
   */
  cardAt(now: number): number {
    const last = read(this.#local, "parley.card");
    const at = typeof last === "number" && Number.isSafeInteger(last + 1) ? last + 1 : now;
    const next = Math.max(now, at);
    write(this.#local, "parley.card", next);
    return next;
  }

  invitation(meetingId: string): KeptInvitation | undefined {
    return invitationOf(record(read(this.#local, "parley.invitations"))[meetingId]);
  }

  /** The secret that came with a token earlier, for a page that is loaded again without its fragment. */
  secretOf(token: string): string | undefined {
    const all = Object.values(record(read(this.#local, "parley.invitations")));
    return all.map(invitationOf).find((each) => each?.token === token)?.secret;
  }

  /** What the host gave stays, as long as the link is the same; what was before stays anyway. */
  keepInvitation(meetingId: string, invitation: KeptInvitation): void {
    const before = this.invitation(meetingId);
    const { former, membership } = before ?? {};
    const stays = before?.token === invitation.token && membership !== undefined;
    const kept = { ...(former && { former }), ...(stays && { membership }), ...invitation };
    this.#local && keepNewest(this.#local, "parley.invitations", meetingId, kept, maxInvitations);
  }

  keepMembership(meetingId: string, membership: string): void {
    const invitation = this.invitation(meetingId);
    invitation && this.keepInvitation(meetingId, { ...invitation, membership });
  }

  /** Somebody was sent away: no former invitation is theirs any more. */
  strike(meetingId: string, id: string): void {
    const invitation = this.invitation(meetingId);
    const { former = [] } = invitation ?? {};
    if (invitation && former.some(({ members }) => members.includes(id))) {
      this.keepInvitation(meetingId, { ...invitation, former: struck(former, id) });
    }
  }

  /**
   * Who is taken for a meeting's host: who was named first stays so, whoever is
   * named later.
   */
  hostOf(meetingId: string, named: string): string {
    const known = record(read(this.#local, "parley.hosts"))[meetingId];
    const host = typeof known === "string" ? known : named;
    this.#local && keepNewest(this.#local, "parley.hosts", meetingId, host, maxHosts);
    return host;
  }

  /** Who may come in, as it was decided or heard. */
  entry(meetingId: string): Entry | undefined {
    const kept = record(read(this.#local, "parley.entry"))[meetingId];
    return kept === "any" || kept === "invitation" ? kept : undefined;
  }

  keepEntry(meetingId: string, entry: Entry): void {
    this.#local && keepNewest(this.#local, "parley.entry", meetingId, entry, maxEntries);
  }

  /** All that a stay in that meeting needs of it. Holds for the stay where nothing can be kept. */
  memory(meetingId: string): Memory {
    let entry = this.entry(meetingId);
    return {
      get entry() {
        return entry;
      },
      keepEntry: (decided) => {
        entry = decided;
        this.keepEntry(meetingId, decided);
      },
      keepMembership: (membership) => this.keepMembership(meetingId, membership),
      strike: (id) => this.strike(meetingId, id),
    };
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
  const { token, secret, membership, former } = record(value);
  if (typeof token !== "string") {
    return undefined;
  }
  const before = Array.isArray(former) ? former.flatMap(formerOf).slice(0, maxFormer) : [];
  return {
    ...(before.length > 0 && { former: before }),
    token,
    ...(typeof secret === "string" && { secret }),
    ...(typeof membership === "string" && { membership }),
  };
}

function formerOf(value: unknown): readonly Former[] {
  const { secret, members } = record(value);
  if (typeof secret !== "string" || !Array.isArray(members)) {
    return [];
  }
  const ids = members.filter((id): id is string => typeof id === "string");
  return [{ secret, members: ids.slice(0, maxMembers) }];
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

/** Under a key, by meeting; the ones that were kept longest ago go first. */
function keepNewest(to: Storage, key: string, meetingId: string, value: unknown, most: number) {
  const { [meetingId]: _, ...others } = record(read(to, key));
  const newest = [...Object.entries(others), [meetingId, value] as const];
  write(to, key, Object.fromEntries(newest.slice(-most)));
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};

const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;
