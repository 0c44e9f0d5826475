/** The way into a room: admission by the rendezvous, then the room; or back, after a reload. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import { supported } from "../link/transforms";
import type { LocalDevices } from "../media/devices";
import type { JoinRequest, JoinResponse } from "../protocol/codec";
import { version } from "../protocol/messages.gen";
import type { Identity } from "./identity";
import { dateOf, type Invited } from "./invited";
import type { Keep } from "./keep";
import type { MeetingView, Result, Room, Trouble } from "./model";
import { nameless } from "./names";
import type { Rendezvous } from "./rendezvous";
import type { Gear } from "./stay";

/** An admission that was given and not yet used. */
interface Admission {
  readonly ticket: string;
  readonly signalingUrl: string;
  readonly meeting: MeetingView;
}

export interface EntranceOptions {
  readonly origin: string;
  readonly keep: Keep;
  readonly identity: Promise<Identity>;
  readonly rendezvous: Rendezvous;
  readonly invited: Invited;
  readonly devices: LocalDevices;
  readonly name: () => string;
}

export class Entrance {
  readonly #options: EntranceOptions;
  readonly #admissions = new Map<string, Admission>();
  readonly #room = signal<Room | undefined>(undefined);
  #warm: { readonly url: string; readonly socket: WebSocket } | undefined;
  #code: Promise<typeof import("./stay")> | undefined;
  /** Of the next stay. */
  #gear: Promise<Gear> | undefined;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  get room(): ReadonlySignal<Room | undefined> {
    return this.#room;
  }

  /** Brings what a room needs, while somebody still reads the invitation. */
  prepare(): void {
    if (supported()) {
      this.#equip().catch(() => undefined);
    }
  }

  /** Asks to be let in; the ticket is kept for `enter`. */
  async join(request: JoinRequest): Promise<Result<MeetingView>> {
    this.#dial();
    const joining = this.#options.rendezvous.join(request);
    this.prepare();
    const joined = await joining;
    if (!joined.ok) {
      this.#cool();
      return joined;
    }
    const { meeting_id, ticket, signaling_url } = joined.value;
    const meeting = await this.#admitted(joined.value);
    this.#admissions.set(meeting_id, { ticket, signalingUrl: signaling_url, meeting });
    return { ok: true, value: meeting };
  }

  canReturn(meetingId: string): boolean {
    return this.#options.keep.way(meetingId) !== undefined;
  }

  async enter(meetingId: string): Promise<Result<Room>> {
    const current = this.#room.value;
    if (current !== undefined && current.state.value.phase !== "over") {
      if (current.meeting.value.meetingId === meetingId) {
        return { ok: true, value: current };
      }
      current.leave();
    }
    if (!supported()) {
      return { ok: false, trouble: { code: "no-encryption" } };
    }
    const code = await this.#load().catch(() => undefined);
    if (code === undefined) {
      return { ok: false, trouble: { code: "network" } };
    }
    try {
      const identity = await this.#options.identity;
      const admission = this.#admissions.get(meetingId) ?? this.#way(meetingId, identity.peerId);
      this.#admissions.delete(meetingId);
      if (admission === undefined) {
        return { ok: false, trouble: { code: "ticket" } };
      }
      const room = await this.#open(code, identity, admission);
      this.#room.value = room;
      return { ok: true, value: room };
    } catch {
      // No keys of this kind, or no WebRTC at all.
      return { ok: false, trouble: { code: "unsupported" } };
    }
  }

  /** The room's code is no part of the first page. */
  #load(): Promise<typeof import("./stay")> {
    this.#code ??= import("./stay").catch((error: unknown) => {
      this.#code = undefined; // asked for again next time
      throw error;
    });
    return this.#code;
  }

  async #equip(): Promise<void> {
    const [code, identity] = await Promise.all([this.#load(), this.#options.identity]);
    this.#gear ??= code.makeGear(identity);
    await this.#gear;
  }

  /** Each key is for one stay, taken once: what is counted under it must not begin again. */
  #take(code: typeof import("./stay"), identity: Identity): Promise<Gear> {
    const gear = this.#gear;
    this.#gear = undefined;
    return gear?.catch(() => code.makeGear(identity)) ?? code.makeGear(identity);
  }

  async #open(
    code: typeof import("./stay"),
    identity: Identity,
    admission: Admission,
  ): Promise<Room> {
    const gear = await this.#take(code, identity);
    try {
      return await this.#openWith(gear, code, identity, admission);
    } catch (error) {
      gear.transforms.close();
      gear.wire.close();
      throw error;
    }
  }

  #openWith(
    gear: Gear,
    code: typeof import("./stay"),
    identity: Identity,
    { ticket, signalingUrl, meeting }: Admission,
  ): Promise<Room> {
    const { keep, devices, invited, name } = this.#options;
    const { meetingId } = meeting;
    const warm = this.#warm?.url === signalingUrl ? this.#warm.socket : undefined;
    this.#warm = undefined;
    const kept = keep.invitation(meetingId);
    if (invited.of(meetingId).value === undefined && kept !== undefined) {
      void invited.look(kept.token);
    }
    const options = {
      identity,
      meeting,
      devices,
      signalingUrl,
      ticket,
      warm,
      name: name() || nameless(meeting.isHost),
      memory: keep.memory(meetingId),
      keepWay: (newer: string, now: MeetingView) => this.#keepWay(newer, signalingUrl, now),
      over: (trouble: Trouble | undefined) => this.#over(meetingId, trouble),
    };
    const own = { belonging: kept ?? {}, at: () => keep.cardAt(Date.now()) };
    return code.openRoom(gear, options, own, {
      of: invited.of(meetingId),
      renew: (now, guests) => invited.renew(meetingId, now, guests),
      complete: () => invited.complete(meetingId),
      setEntry: (entry) => this.#options.rendezvous.change(meetingId, { policy: { entry } }),
      secret: () => keep.invitation(meetingId)?.secret,
    });
  }

  #keepWay(ticket: string, signalingUrl: string, meeting: MeetingView): void {
    const { meetingId, title, hostId, createdAt, expiresAt } = meeting;
    this.#options.keep.keepWay(meetingId, {
      ticket,
      signalingUrl,
      title,
      hostId,
      createdAt: createdAt.toISOString(),
      ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
    });
  }

  #over(meetingId: string, _trouble: Trouble | undefined): void {
    this.#options.devices.stop();
    this.#options.keep.forgetWay(meetingId);
  }

  #way(meetingId: string, self: string): Admission | undefined {
    const way = this.#options.keep.way(meetingId);
    return (
      way && {
        ticket: way.ticket,
        signalingUrl: way.signalingUrl,
        meeting: {
          meetingId,
          title: way.title,
          hostId: way.hostId,
          isHost: way.hostId === self,
          createdAt: new Date(way.createdAt),
          expiresAt: dateOf(way.expiresAt),
        },
      }
    );
  }

  async #admitted(joined: JoinResponse): Promise<MeetingView> {
    const { meeting_id, title, host_id, expires_at } = joined;
    const { peerId } = await this.#options.identity;
    const hostId = this.#options.keep.hostOf(meeting_id, host_id);
    return {
      meetingId: meeting_id,
      title,
      hostId,
      isHost: hostId === peerId,
      // Only an invitation tells when a meeting was made.
      createdAt: this.#options.invited.of(meeting_id).value?.createdAt ?? new Date(),
      expiresAt: dateOf(expires_at),
    };
  }

  /** Opens the WebSocket while the rendezvous still looks at the credentials: one round trip less. */
  #dial(): void {
    this.#cool();
    const url = `${this.#options.origin.replace(/^http/, "ws")}/signal`;
    this.#warm = { url, socket: new WebSocket(url, version) };
  }

  #cool(): void {
    this.#warm?.socket.close();
    this.#warm = undefined;
  }
}
