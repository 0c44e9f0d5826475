/** What the pages outside a room need, and the way into one. One for the whole page. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import { supported } from "../link/transforms";
import { LocalDevices } from "../media/devices";
import { Entrance } from "./entrance";
import { type Identity, loadIdentity } from "./identity";
import { clearFragment, isToken, secretIn } from "./invitations";
import { dateOf, Invited } from "./invited";
import { Keep } from "./keep";
import { Mine } from "./mine";
import type { App, IdentityView, InvitedMeeting, MeetingView, Result, Room } from "./model";
import { plainName, shortPeerId } from "./names";
import { Rendezvous } from "./rendezvous";

export function createApp(): App {
  return new Page(location.origin, new Keep(), loadIdentity());
}

class Page implements App {
  readonly #keep: Keep;
  readonly #identity = signal<IdentityView | undefined>(undefined);
  readonly #name = signal("");
  readonly #rendezvous: Rendezvous;
  readonly #invited: Invited;
  readonly #entrance: Entrance;
  readonly #mine: Mine;
  readonly encryptable = supported();
  readonly devices: LocalDevices;

  constructor(origin: string, keep: Keep, identity: Promise<Identity>) {
    this.#keep = keep;
    this.#name.value = plainName(keep.name);
    this.#rendezvous = new Rendezvous(origin, () => identity);
    const self = async () => (await identity).peerId;
    this.#invited = new Invited(origin, keep, this.#rendezvous, self);
    this.devices = new LocalDevices(keep.preferences, (preferences) => {
      keep.preferences = preferences;
    });
    this.#entrance = new Entrance({
      origin,
      keep,
      identity,
      rendezvous: this.#rendezvous,
      invited: this.#invited,
      devices: this.devices,
      name: () => this.#name.value,
    });
    this.#mine = new Mine(this.#rendezvous, (summary) => ({
      meetingId: summary.meeting_id,
      title: summary.title,
      hostId: this.#identity.value?.peerId ?? "",
      isHost: true,
      createdAt: new Date(summary.created_at),
      expiresAt: dateOf(summary.expires_at),
      participants: summary.participants,
      link: this.#invited.linkTo(summary.meeting_id),
    }));
    identity.then(
      ({ peerId }) => {
        this.#identity.value = { peerId, short: shortPeerId(peerId) };
      },
      () => undefined, // each command that needs it says so
    );
  }

  get identity(): ReadonlySignal<IdentityView | undefined> {
    return this.#identity;
  }
  get name(): ReadonlySignal<string> {
    return this.#name;
  }
  get myMeetings() {
    return this.#mine.state;
  }
  get room(): ReadonlySignal<Room | undefined> {
    return this.#entrance.room;
  }

  setName(name: string): void {
    this.#name.value = plainName(name);
    this.#keep.name = this.#name.value;
    this.room.value?.rename(this.#name.value);
  }

  loadMyMeetings(): Promise<void> {
    return this.#mine.load();
  }
  loadMoreMeetings(): Promise<void> {
    return this.#mine.loadMore();
  }

  create(title: string): Promise<Result<InvitedMeeting>> {
    return this.#invited.create(title);
  }

  async remove(meetingId: string): Promise<Result<undefined>> {
    const removed = await this.#rendezvous.remove(meetingId);
    if (removed.ok || removed.trouble.code === "meeting-not-found") {
      this.#mine.forget(meetingId);
      this.#keep.forgetInvitation(meetingId);
      this.#keep.forgetWay(meetingId);
    }
    return removed;
  }

  async renewInvitation(meetingId: string): Promise<Result<InvitedMeeting>> {
    const known = this.#mine.state.value.meetings.find((each) => each.meetingId === meetingId);
    const renewed = await this.#invited.renewOutside(meetingId, known);
    this.#mine.refresh();
    return renewed;
  }

  async openInvitation(token: string, fragment: string): Promise<Result<InvitedMeeting>> {
    clearFragment();
    const secret = secretIn(fragment);
    if (!isToken(token)) {
      return { ok: false, trouble: { code: "invitation-not-found" } };
    }
    if (secret === "broken") {
      const detail = "This invitation link was cut short on its way. Ask for the whole link again.";
      return { ok: false, trouble: { code: "invitation-broken", detail } };
    }
    const looked = await this.#invited.look(token, secret);
    this.#entrance.prepare();
    return looked;
  }

  joinByPassword(meetingId: string, password: string): Promise<Result<MeetingView>> {
    return this.#entrance.join({ meeting_id: meetingId, password });
  }

  joinByInvitation(token: string): Promise<Result<MeetingView>> {
    return this.#entrance.join({ invitation_token: token });
  }

  async joinMine(meetingId: string): Promise<Result<MeetingView>> {
    const kept = this.#keep.invitation(meetingId);
    if (kept === undefined) {
      // A new invitation would let one in, and take everybody else's away: not without being asked.
      const detail =
        "This browser does not hold the invitation to this meeting. Join with its password, or make a new invitation.";
      return { ok: false, trouble: { code: "invitation-not-held", detail } };
    }
    return this.joinByInvitation(kept.token);
  }

  canReturn(meetingId: string): boolean {
    return this.#entrance.canReturn(meetingId);
  }

  enter(meetingId: string): Promise<Result<Room>> {
    return this.#entrance.enter(meetingId);
  }
}
