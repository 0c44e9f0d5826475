/**
 * What the interface may see and do. `session/` computes it, `ui/` reads the
 * signals and calls the commands; no component knows a PeerConnection, a
 * socket or a stored record.
 *
 * Commands never throw for what a person can cause: they return a `Trouble`,
 * or put one where it happened (a notice, a tile, a device).
 */
import type { ReadonlySignal } from "@preact/signals-core";
import type { AlarmCode } from "../e2ee/alarm";
import type { Entry } from "../e2ee/doorkeeper";

/** Something that went wrong, as a code for programs; `ui/strings.ts` has the sentence and the next step. */
export interface Trouble {
  readonly code: string;
  /** The rendezvous' own sentence, where it gave one. */
  readonly detail?: string;
  /** When to try again, milliseconds since 1970. */
  readonly retryAt?: number;
  /** The member of a form that is wrong, by its name on the wire. */
  readonly field?: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly trouble: Trouble };

export interface IdentityView {
  readonly peerId: string;
  /** `12D3…dN5eh` */
  readonly short: string;
}

export interface MeetingView {
  readonly meetingId: string;
  readonly title: string;
  readonly hostId: string;
  readonly isHost: boolean;
  /** Of a meeting entered by password: when it was entered, for the rendezvous tells no more. */
  readonly createdAt: Date;
  readonly expiresAt: Date | undefined;
}

/** A meeting with everything that lets others in, for who made it or was invited. */
export interface InvitedMeeting extends MeetingView {
  readonly password: string;
  /** The whole link: token, and the secret behind `#` where this client has it. */
  readonly link: string;
  readonly inside: number;
  readonly names: readonly string[];
}

export interface MyMeeting extends MeetingView {
  readonly participants: number;
  /** Known where this browser made the meeting or was invited to it. */
  readonly link: string | undefined;
}

/** What the pages outside a room need. One for the whole page. */
export interface App {
  /**
   * Whether this browser can seal what it sends (RTCRtpScriptTransform). One
   * that cannot enters no room: `enter` answers the code `no-encryption`.
   */
  readonly encryptable: boolean;
  readonly identity: ReadonlySignal<IdentityView | undefined>;
  /** The name shown to others; "" until the person gave one. Kept in this browser. */
  readonly name: ReadonlySignal<string>;
  setName(name: string): void;
  readonly devices: Devices;
  readonly myMeetings: ReadonlySignal<{
    readonly state: "loading" | "ready" | "failed";
    readonly meetings: readonly MyMeeting[];
    readonly more: boolean;
    readonly trouble?: Trouble;
  }>;
  loadMyMeetings(): Promise<void>;
  loadMoreMeetings(): Promise<void>;
  create(title: string): Promise<Result<InvitedMeeting>>;
  remove(meetingId: string): Promise<Result<undefined>>;
  /**
   * A new invitation (and password) for a meeting of one's own; the old ones stop
   * working. Refused with `people-inside` while there are any.
   */
  renewInvitation(meetingId: string): Promise<Result<InvitedMeeting>>;
  /** Reads `/join/TOKEN#SECRET`: takes the secret out of the address bar, keeps it, and asks for the meeting. */
  openInvitation(token: string, fragment: string): Promise<Result<InvitedMeeting>>;
  /** Checks ID and password and keeps the ticket for `enter`. */
  joinByPassword(meetingId: string, password: string): Promise<Result<MeetingView>>;
  joinByInvitation(token: string): Promise<Result<MeetingView>>;
  /** A host's way into a meeting of their own (and "Start meeting"). */
  joinMine(meetingId: string): Promise<Result<MeetingView>>;
  /** True when this tab was in that room before a reload and can go straight back. */
  canReturn(meetingId: string): boolean;
  /** Enters the room with the ticket held for it, or as one who returns. */
  enter(meetingId: string): Promise<Result<Room>>;
  /** The room this tab is in. */
  readonly room: ReadonlySignal<Room | undefined>;
}

export type DeviceKind = "microphone" | "camera" | "speaker";
export type DeviceTrouble = "denied" | "missing" | "busy" | "unsupported";

export interface DeviceChoice {
  readonly id: string;
  readonly label: string;
}

/** Camera, microphone and speaker, before and during a meeting. */
export interface Devices {
  /** Asks for the devices once; resolves when it is known what there is. Never rejects. */
  start(): Promise<void>;
  /** Lets go of every device (after leaving). */
  stop(): void;
  readonly choices: ReadonlySignal<Readonly<Record<DeviceKind, readonly DeviceChoice[]>>>;
  readonly chosen: ReadonlySignal<Readonly<Record<DeviceKind, string | undefined>>>;
  readonly trouble: ReadonlySignal<
    Readonly<Partial<Record<"microphone" | "camera", DeviceTrouble>>>
  >;
  choose(kind: DeviceKind, id: string): Promise<void>;
  readonly micOn: ReadonlySignal<boolean>;
  readonly cameraOn: ReadonlySignal<boolean>;
  setMic(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  /** The camera's track for a preview, while it is on. */
  readonly cameraTrack: ReadonlySignal<MediaStreamTrack | undefined>;
  /** 0…1, the microphone's loudness, about ten times a second. */
  readonly level: ReadonlySignal<number>;
}

/** `unreachable`: still connecting, for longer than any network needs. */
export type Quality = "connecting" | "unreachable" | "good" | "fair" | "poor" | "lost";

export interface Person {
  readonly id: string;
  readonly session: number;
  readonly n: number;
  readonly name: string;
  readonly isSelf: boolean;
  readonly kind: "browser" | "node" | "helper";
  readonly role: "host" | "co-host" | "participant";
  readonly isActingHost: boolean;
  /** As this client takes it: without a proof that it could check, by password. */
  readonly via: "invitation" | "password";
  /** By invitation, and this client has checked the proof of it; of oneself, that one can prove it. */
  readonly proved: boolean;
  readonly micOn: boolean;
  readonly cameraOn: boolean;
  readonly sharing: boolean;
  readonly hand: boolean;
  /** Records what it is sent; everybody is told. */
  readonly recording: boolean;
  readonly speaking: boolean;
  readonly quality: Quality;
}

export interface Tile {
  /** Stable: `${id}/camera` or `${id}/screen`. */
  readonly key: string;
  readonly person: Person;
  readonly source: "camera" | "screen";
  /** The track to show; undefined shows the initial (or, for a screen, a wait). */
  readonly track: MediaStreamTrack | undefined;
}

/**
 * Every remote sound: one `<audio>` each, as long as its slot lives, so that
 * what it carries may change without a gap.
 */
export interface Sound {
  readonly key: string;
  readonly track: MediaStreamTrack;
  /** It carries nothing now, or the same comes by another one. */
  readonly muted: boolean;
}

export interface ChatLine {
  readonly id: string;
  readonly from: string;
  readonly name: string;
  readonly isSelf: boolean;
  readonly text: string;
  readonly at: Date;
}

export type { AlarmCode, Entry };

/** Something that only a mistake or an attack explains. */
export interface AlarmView {
  readonly code: AlarmCode;
  /** Whose entry, message or role it is about, where that had a name. */
  readonly name?: string;
  /** It is about a helper, which people do not know by name. */
  readonly helper?: boolean;
}

/** What two people compare aloud: the same on both screens when nobody sits between them. */
export interface Safety {
  /** Six words. */
  readonly words: readonly string[];
  /** Six digits. */
  readonly digits: string;
  /** How many people it is about, oneself included. */
  readonly people: number;
}

/** A line of what happened: joins, leaves, topology, trouble. */
export interface Notice {
  readonly id: number;
  readonly code:
    | "joined"
    | "left"
    | "lost"
    | "removed"
    | "reconnecting"
    | "reconnected"
    | "to-node"
    | "to-helper"
    | "to-mesh"
    | "recording"
    | "recording-over"
    | "host"
    | "device"
    | "policy"
    | "suspended"
    | "chat-unsent"
    | "key-overdue"
    | "screen-denied"
    | "refused"
    | "outdated"
    | "alarm";
  readonly name?: string;
  /** What looks like an attack, with code `alarm`; such a line stays until it is dismissed. */
  readonly alarm?: AlarmView;
  readonly trouble?: Trouble;
  readonly at: Date;
}

export interface ConnectionLine {
  readonly from: string;
  readonly to: string;
  readonly state: Quality;
  readonly rttMillis: number | undefined;
  readonly sendKbps: number | undefined;
  readonly receiveKbps: number | undefined;
  readonly lossPercent: number | undefined;
  readonly relayed: boolean;
}

/** Somebody who could carry the room, with what that takes. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly kind: "node" | "helper";
  readonly uplinkKbps: number;
  /** To the others, in the median. */
  readonly rttMillis: number | undefined;
  /** People whose pictures its uplink carries. */
  readonly carries: number;
}

export interface Connections {
  readonly topology: "mesh" | "star" | "tree";
  /** Who carries the room now: the standby, once it took over. */
  readonly sfu: string | undefined;
  readonly standby: string | undefined;
  readonly reason: string;
  /** The host chose it by hand. */
  readonly manual: boolean;
  /** Who is willing to carry the room, in join order. */
  readonly candidates: readonly Candidate[];
  /** Own links with figures; links between others as known from the plan. */
  readonly lines: readonly ConnectionLine[];
}

export type RoomState =
  | { readonly phase: "joining" }
  | { readonly phase: "waiting" }
  | { readonly phase: "in"; readonly rendezvous: "connected" | "reconnecting" }
  | { readonly phase: "over"; readonly trouble: Trouble | undefined };

/** What a mounted tile tells the session, so that only what is shown is sent. */
export interface Shown {
  readonly key: string;
  /** Device pixels; 0 × 0 when hidden or off screen. */
  readonly width: number;
  readonly height: number;
}

export interface Room {
  readonly meeting: ReadonlySignal<MeetingView>;
  /** Present where this browser holds the invitation. */
  readonly invited: ReadonlySignal<InvitedMeeting | undefined>;
  readonly state: ReadonlySignal<RoomState>;
  /** Somebody is about to be offered a link: what keeps the page busy can wait for that. */
  readonly offering: ReadonlySignal<boolean>;
  readonly people: ReadonlySignal<readonly Person[]>;
  readonly self: ReadonlySignal<Person | undefined>;
  /** In join order, screens first; self included. Tiles never change order while people stay. */
  readonly tiles: ReadonlySignal<readonly Tile[]>;
  readonly sounds: ReadonlySignal<readonly Sound[]>;
  /** The key of the tile for the stage in the speaker view: a screen, else who speaks (with hysteresis). */
  readonly speaker: ReadonlySignal<string | undefined>;
  readonly chat: ReadonlySignal<readonly ChatLine[]>;
  readonly unread: ReadonlySignal<number>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  readonly connections: ReadonlySignal<Connections>;
  readonly waiting: ReadonlySignal<readonly { readonly id: string; readonly name: string }[]>;
  readonly sharing: ReadonlySignal<boolean>;
  readonly canShare: ReadonlySignal<boolean>;
  readonly canChat: ReadonlySignal<boolean>;
  readonly locked: ReadonlySignal<boolean>;
  /** Who may come in: by the host's word, or the rendezvous' where that is stricter. */
  readonly entry: ReadonlySignal<Entry>;
  /** Undefined while nothing is agreed on yet. It changes whenever somebody comes or goes. */
  readonly safety: ReadonlySignal<Safety | undefined>;
  /** This browser has the invitation's secret: it proves itself, and checks others' proofs. */
  readonly hasSecret: ReadonlySignal<boolean>;
  /** The meeting has a secret, as far as it shows: this browser has one, or the host's card has a proof. */
  readonly meetingHasSecret: ReadonlySignal<boolean>;

  setMic(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  startSharing(): Promise<void>;
  stopSharing(): void;
  raiseHand(up: boolean): void;
  rename(name: string): void;
  say(text: string): Promise<Result<undefined>>;
  chatSeen(): void;
  /** Most important first; replaces what was told before. */
  show(shown: readonly Shown[]): void;
  dismissNotice(id: number): void;
  /** Acting host only. */
  admit(id: string): void;
  deny(id: string): void;
  removePerson(id: string, ban: boolean): void;
  lock(locked: boolean): void;
  /**
   * Host only: who may come in. Who came by password is out as soon as entry is by
   * invitation.
   */
  setEntry(entry: Entry): Promise<Result<undefined>>;
  /** Has the meeting travel through a candidate, or undefined: as the election chooses. */
  route(through: string | undefined): void;
  /**
   * Host only: new password, link and secret, as after a removal. Who is in by
   * invitation goes on being so; nobody else comes in by what was known before.
   */
  renewInvitation(): Promise<Result<InvitedMeeting>>;
  /**
   * Host only, of a meeting without a secret: makes one, with which the link
   * becomes whole. From then on the host proves itself; who is in by password
   * stays so.
   */
  completeInvitation(): Promise<Result<InvitedMeeting>>;
  leave(): void;
}
