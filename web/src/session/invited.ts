/** The meetings that this browser can invite to: made here, or looked at by their invitation. */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { keptLink, linkOf, newSecret } from "./invitations";
import type { Keep } from "./keep";
import { retired } from "./memory";
import type { InvitedMeeting, MeetingView, Result } from "./model";
import type { Rendezvous } from "./rendezvous";

export class Invited {
  readonly #origin: string;
  readonly #keep: Keep;
  readonly #rendezvous: Rendezvous;
  readonly #self: () => Promise<string>;
  readonly #known = new Map<string, Signal<InvitedMeeting | undefined>>();

  constructor(origin: string, keep: Keep, rendezvous: Rendezvous, self: () => Promise<string>) {
    this.#origin = origin;
    this.#keep = keep;
    this.#rendezvous = rendezvous;
    this.#self = self;
  }

  /** What is known of a meeting's invitation here, now and later. */
  of(meetingId: string): ReadonlySignal<InvitedMeeting | undefined> {
    return this.#signal(meetingId);
  }

  linkTo(meetingId: string): string | undefined {
    return keptLink(this.#keep, this.#origin, meetingId);
  }

  async create(title: string): Promise<Result<InvitedMeeting>> {
    const created = await this.#rendezvous.create(title);
    if (!created.ok) {
      return created;
    }
    const { meeting_id, password, invitation_token: token, host_id } = created.value;
    // Who made a meeting knows whose it is, and need not be told.
    const self = await this.#self();
    if (host_id !== self || this.#keep.hostOf(meeting_id, self) !== self) {
      return { ok: false, trouble: { code: "not-yours" } };
    }
    const secret = newSecret();
    this.#keep.keepInvitation(meeting_id, { token, secret });
    this.#keep.keepEntry(meeting_id, "any"); // nothing else was asked for
    return this.#remember({
      meetingId: meeting_id,
      title: created.value.title,
      hostId: self,
      isHost: true,
      createdAt: new Date(created.value.created_at),
      expiresAt: dateOf(created.value.expires_at),
      password,
      link: linkOf(this.#origin, token, secret),
      inside: 0,
      names: [],
    });
  }

  /** Asks for an invitation's meeting, and keeps what came with its link. */
  async look(token: string, given?: string): Promise<Result<InvitedMeeting>> {
    const looked = await this.#rendezvous.invitation(token);
    if (!looked.ok) {
      return looked;
    }
    const { meeting_id, title, password, host_id, created_at, expires_at } = looked.value;
    const secret = given ?? this.#keep.secretOf(token);
    this.#keep.keepInvitation(meeting_id, { token, ...(secret !== undefined && { secret }) });
    return this.#remember({
      meetingId: meeting_id,
      title,
      hostId: host_id,
      isHost: host_id === (await this.#self()),
      createdAt: new Date(created_at),
      expiresAt: dateOf(expires_at),
      password,
      link: linkOf(this.#origin, token, secret),
      inside: looked.value.inside,
      names: looked.value.names ?? [],
    });
  }

  /**
   * `renew`, asked for outside the room. Not while people are in it by the invitation
   * that this browser holds: nobody there would hear of the new one, and to them
   * its host would be a stranger.
   */
  async renewOutside(
    meetingId: string,
    meeting: MeetingView | undefined,
  ): Promise<Result<InvitedMeeting>> {
    const kept = this.#keep.invitation(meetingId);
    const looked = kept?.secret === undefined ? undefined : await this.look(kept.token);
    return looked?.ok && looked.value.inside > 0
      ? { ok: false, trouble: { code: "people-inside" } }
      : this.renew(meetingId, meeting);
  }

  /**
   * A new token, password and secret; `meeting` is what is known of it for the case
   * that looking fails, `inside` tells who is so by the one before: asked when it
   * is one of before, since somebody may be sent away meanwhile.
   */
  async renew(
    meetingId: string,
    meeting: MeetingView | undefined,
    inside: () => readonly string[] = () => [],
  ): Promise<Result<InvitedMeeting>> {
    const renewed = await this.#rendezvous.renew(meetingId);
    if (!renewed.ok) {
      return renewed;
    }
    const { invitation_token: token, password } = renewed.value;
    // Who had the old link has the old secret: a new one goes with the new token.
    const secret = newSecret();
    const before = this.#keep.invitation(meetingId);
    const members = inside();
    const former =
      before?.secret !== undefined && members.length > 0
        ? retired(before.former ?? [], { secret: before.secret, members })
        : before?.former;
    this.#keep.keepInvitation(meetingId, { token, secret, ...(former && { former }) });
    const looked = await this.look(token, secret);
    if (looked.ok || meeting === undefined) {
      return looked;
    }
    const link = linkOf(this.#origin, token, secret);
    return this.#remember({ ...meeting, password, link, inside: 0, names: [] });
  }

  /** A secret for a meeting that was made without one: with it the link is whole. */
  async complete(meetingId: string): Promise<Result<InvitedMeeting>> {
    const kept = this.#keep.invitation(meetingId);
    if (kept === undefined) {
      return { ok: false, trouble: { code: "invitation-not-held" } };
    }
    const secret = kept.secret ?? newSecret();
    this.#keep.keepInvitation(meetingId, { ...kept, secret });
    const known = this.#signal(meetingId).peek();
    return known === undefined
      ? this.look(kept.token, secret)
      : this.#remember({ ...known, link: linkOf(this.#origin, kept.token, secret) });
  }

  #remember(meeting: InvitedMeeting): Result<InvitedMeeting> {
    this.#signal(meeting.meetingId).value = meeting;
    return { ok: true, value: meeting };
  }

  #signal(meetingId: string): Signal<InvitedMeeting | undefined> {
    let known = this.#known.get(meetingId);
    if (known === undefined) {
      known = signal<InvitedMeeting | undefined>(undefined);
      this.#known.set(meetingId, known);
    }
    return known;
  }
}

export const dateOf = (text: string | undefined): Date | undefined =>
  text === undefined ? undefined : new Date(text);
