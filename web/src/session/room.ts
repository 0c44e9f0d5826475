/** What the interface sees of a session and may ask of it: signals computed from its parts, commands passed to them. */
import { computed, type ReadonlySignal } from "@preact/signals-core";
import { MembershipKey } from "../e2ee/membership";
import { canCaptureScreen } from "../media/screen";
import { standbyFor } from "./candidates";
import { connectionsOf, type OwnLink } from "./connections";
import type {
  ChatLine,
  Connections,
  Entry,
  InvitedMeeting,
  MeetingView,
  Notice,
  Person,
  Result,
  Room,
  RoomState,
  Safety,
  Shown,
  Sound,
  Tile,
} from "./model";
import { plainName } from "./names";
import type { SessionOptions } from "./options";
import { peopleOf, type Waiter } from "./people";
import { Session } from "./session";
import { sameList, steady } from "./steady";
import { sameSound, soundsOf, stageOf, tilesOf } from "./tiles";

/** The invitation to this meeting, as far as this browser holds it. */
export interface Invitation {
  readonly of: ReadonlySignal<InvitedMeeting | undefined>;
  /** `guests` are in by the one before, whenever they are asked for. */
  readonly renew: (
    meeting: MeetingView,
    guests: () => readonly string[],
  ) => Promise<Result<InvitedMeeting>>;
  readonly complete: () => Promise<Result<InvitedMeeting>>;
  readonly secret: () => string | undefined;
  /** Tells the rendezvous who may come in. */
  readonly setEntry: (entry: Entry) => Promise<Result<undefined>>;
}

export class LiveRoom implements Room {
  readonly #session: Session;
  readonly #invitation: Invitation;
  readonly #setMic: (on: boolean) => Promise<void>;
  readonly #setCamera: (on: boolean) => Promise<void>;
  readonly meeting: ReadonlySignal<MeetingView>;
  readonly invited: ReadonlySignal<InvitedMeeting | undefined>;
  readonly state: ReadonlySignal<RoomState>;
  readonly offering: ReadonlySignal<boolean>;
  readonly people: ReadonlySignal<readonly Person[]>;
  readonly self: ReadonlySignal<Person | undefined>;
  readonly tiles: ReadonlySignal<readonly Tile[]>;
  readonly sounds: ReadonlySignal<readonly Sound[]>;
  readonly speaker: ReadonlySignal<string | undefined>;
  readonly chat: ReadonlySignal<readonly ChatLine[]>;
  readonly unread: ReadonlySignal<number>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  readonly connections: ReadonlySignal<Connections>;
  readonly waiting: ReadonlySignal<readonly Waiter[]>;
  readonly sharing: ReadonlySignal<boolean>;
  readonly canShare: ReadonlySignal<boolean>;
  readonly canChat: ReadonlySignal<boolean>;
  readonly locked: ReadonlySignal<boolean>;
  readonly entry: ReadonlySignal<Entry>;
  readonly safety: ReadonlySignal<Safety | undefined>;
  readonly hasSecret: ReadonlySignal<boolean>;
  readonly meetingHasSecret: ReadonlySignal<boolean>;

  constructor(options: SessionOptions, invitation: Invitation) {
    const session = new Session(options);
    this.#session = session;
    this.#invitation = invitation;
    this.#setMic = (on) => options.devices.setMic(on);
    this.#setCamera = (on) => options.devices.setCamera(on);
    const { self, gathering, links, outlet, rules, secrecy, stage } = session;
    this.meeting = session.standing.meeting;
    this.invited = invitation.of;
    this.state = session.state;
    this.offering = computed(() => links.offering);
    this.people = computed(() =>
      peopleOf(gathering.roster.value, {
        self,
        presence: outlet.presence.value,
        actingHost: gathering.chair.value,
        speaking: stage.speaking.value,
        quality: (id) => session.qualityOf(id),
        proved: (id) => secrecy.isProved(id),
      }),
    );
    this.self = computed(() => this.people.value.find((person) => person.isSelf));
    this.tiles = computed(() => tilesOf(this.people.value, session.tracks.value));
    this.sounds = steady(
      () =>
        soundsOf(
          this.people.value,
          links.carriers().flatMap(({ flows }) => flows),
          session.tracks.value,
        ),
      sameList(sameSound),
    );
    this.speaker = computed(() => stageOf(this.tiles.value, stage.speaker.value));
    this.chat = session.chat.lines;
    this.unread = session.chat.unread;
    this.notices = session.notices.all;
    this.connections = computed(() => {
      const own = new Map<string, OwnLink>();
      for (const { peer } of links.all()) {
        const link = links.to(peer);
        link && own.set(peer, { quality: link.quality.value, figures: link.figures.value });
      }
      return connectionsOf(this.people.value, own, gathering.topology.value);
    });
    this.waiting = session.waiting;
    this.sharing = computed(() => session.sharing.screen.value !== undefined);
    this.canShare = computed(() => canCaptureScreen() && rules.let(self, "share"));
    this.canChat = computed(() => rules.let(self, "chat"));
    this.locked = computed(() => rules.policy.value?.locked === true);
    this.entry = computed(() => secrecy.gate.entry);
    this.safety = secrecy.safety;
    this.hasSecret = secrecy.hasSecret;
    this.meetingHasSecret = secrecy.meetingHasSecret;
  }

  setMic(on: boolean): Promise<void> {
    return this.#setMic(on);
  }
  setCamera(on: boolean): Promise<void> {
    return this.#setCamera(on);
  }
  async startSharing(): Promise<void> {
    const { notices, sharing } = this.#session;
    if (!this.canShare.value) {
      notices.add("refused", { trouble: { code: "host-only" } });
    } else if ((await sharing.start()) === "denied") {
      notices.add("screen-denied");
    }
  }
  stopSharing(): void {
    this.#session.sharing.stop();
  }
  raiseHand(up: boolean): void {
    this.#session.outlet.raise(up);
  }
  rename(name: string): void {
    const plain = plainName(name);
    if (plain !== "") {
      this.#session.outlet.rename(plain);
    }
  }
  say(text: string) {
    return this.#session.chat.say(text);
  }
  chatSeen(): void {
    this.#session.chat.seen();
  }
  show(shown: readonly Shown[]): void {
    this.#session.show(shown);
  }
  dismissNotice(id: number): void {
    this.#session.notices.dismiss(id);
  }
  admit(id: string): void {
    this.#session.send({ type: "admit", id });
  }
  deny(id: string): void {
    this.#session.deny(id);
  }
  removePerson(id: string, ban: boolean): void {
    this.#session.remove(id, ban);
  }
  lock(locked: boolean): void {
    this.#session.send({ type: "lock", locked });
  }
  async setEntry(entry: Entry): Promise<Result<undefined>> {
    if (!this.meeting.peek().isHost) {
      return { ok: false, trouble: { code: "host-only" } };
    }
    return this.#session.secrecy.decide(entry, () => this.#invitation.setEntry(entry));
  }
  route(through: string | undefined): void {
    const { gathering } = this.#session;
    const { candidates, standby, sfu } = gathering.topology.peek();
    const next = through && standbyFor(through, candidates, [standby, sfu]);
    gathering.happened({
      type: "choose",
      ...(through !== undefined && { topology: "star", sfu: through }),
      ...(next !== undefined && { standby: next }),
    });
  }
  renewInvitation(): Promise<Result<InvitedMeeting>> {
    const { secrecy } = this.#session;
    return this.#invite(() => this.#invitation.renew(this.meeting.peek(), () => secrecy.guests));
  }
  completeInvitation(): Promise<Result<InvitedMeeting>> {
    return this.#invite(() => this.#invitation.complete());
  }
  leave(): void {
    this.#session.leave();
  }

  /** The host alone invites; its own proof is of the newest secret. */
  async #invite(act: () => Promise<Result<InvitedMeeting>>): Promise<Result<InvitedMeeting>> {
    const { meetingId, isHost } = this.meeting.peek();
    if (!isHost) {
      return { ok: false, trouble: { code: "host-only" } };
    }
    const result = await act();
    const secret = this.#invitation.secret();
    const member = secret && (await MembershipKey.ofSecret(secret, meetingId));
    if (result.ok && member) {
      await this.#session.secrecy.renew(member);
    }
    return result;
  }
}
