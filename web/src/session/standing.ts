/**
 * What the rendezvous grants this client in a room: the number of its session,
 * the ticket by which it comes back, the ICE servers, and what the meeting is
 * called. The host stays who this client takes for it, whoever is named.
 */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Welcome } from "../protocol/codec";
import { iceServersOf } from "./ice";
import type { MeetingView } from "./model";
import type { SessionOptions } from "./options";

export class Standing {
  readonly #keepWay: SessionOptions["keepWay"];
  readonly #meeting: Signal<MeetingView>;
  #number = 0;
  #ticket: string;
  #iceServers: readonly RTCIceServer[] = [];

  constructor({ meeting, ticket, keepWay }: SessionOptions) {
    this.#meeting = signal(meeting);
    this.#ticket = ticket;
    this.#keepWay = keepWay;
  }

  get meeting(): ReadonlySignal<MeetingView> {
    return this.#meeting;
  }
  /** Of one's own session; 0 before there is one. */
  get number(): number {
    return this.#number;
  }
  get iceServers(): readonly RTCIceServer[] {
    return this.#iceServers;
  }

  welcomed({ self, resume, ice_servers, title, expires_at }: Welcome): void {
    this.#number = self.session;
    this.#ticket = resume.ticket;
    this.#iceServers = iceServersOf(ice_servers);
    this.described(title, expires_at ?? undefined);
    this.#keepWay(resume.ticket, this.#meeting.peek());
  }

  described(title: string, expiresAt: string | undefined): void {
    this.#meeting.value = {
      ...this.#meeting.peek(),
      title,
      expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
    };
  }

  /** What a hello says of it. */
  get claim() {
    return {
      meeting_id: this.#meeting.peek().meetingId,
      ticket: this.#ticket,
      ...(this.#number > 0 && { session: this.#number }),
    };
  }
}
