/**
 * One stay in one room: its parts, and what each tells the others. Frames of
 * the rendezvous go to the gathering, its plan to the links, what comes by the
 * links to the chat, one's own tracks and presence out to everybody.
 */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Link } from "../link/link";
import { sources } from "../link/shape";
import type { LocalDevices } from "../media/devices";
import type { Bye, ControlMessage, Policy, Presence, Welcome } from "../protocol/codec";
import { Chat } from "./chat";
import { Envelopes } from "./envelopes";
import { type Change, Gathering } from "./gathering";
import type { Identity } from "./identity";
import { Links } from "./links";
import type { MeetingView, RoomState, Shown, Trouble } from "./model";
import { Newcomer } from "./newcomer";
import { Notices } from "./notices";
import { Outlet } from "./outlet";
import { Sharing } from "./sharing";
import { type Numbered, Signaling, type Told } from "./signaling";
import { Stage } from "./stage";
import type { Track } from "./tiles";
import { viewsOf } from "./views";

export interface SessionOptions {
  readonly identity: Identity;
  readonly meeting: MeetingView;
  readonly devices: LocalDevices;
  readonly name: string;
  readonly signalingUrl: string;
  readonly ticket: string;
  /** A socket to there that is being opened already. */
  readonly warm: WebSocket | undefined;
  /** The way back in, whenever the rendezvous gives a newer one. */
  readonly keepWay: (ticket: string, meeting: MeetingView) => void;
  /** It is over: why, unless it was left. */
  readonly over: (trouble: Trouble | undefined) => void;
}

export interface Waiter {
  readonly id: string;
  readonly name: string;
}

export class Session {
  readonly self: string;
  readonly meeting;
  readonly state = signal<RoomState>({ phase: "joining" });
  readonly waiting = signal<readonly Waiter[]>([]);
  readonly notices = new Notices();
  readonly sharing = new Sharing();
  readonly outlet: Outlet;
  readonly gathering: Gathering;
  readonly links: Links;
  readonly chat: Chat;
  readonly stage: Stage;
  /** Everybody's tracks, one's own included. */
  readonly tracks: ReadonlySignal<readonly Track[]>;
  readonly #options: SessionOptions;
  readonly #signaling: Signaling;
  readonly #newcomer = new Newcomer();
  readonly #policy = signal<Policy | undefined>(undefined);
  readonly #shown = signal<readonly Shown[] | undefined>(undefined);
  readonly #ends: (() => void)[] = [];
  #number = 0;
  #ticket: string;
  #iceServers: readonly RTCIceServer[] = [];

  constructor(options: SessionOptions) {
    this.#options = options;
    this.self = options.identity.peerId;
    this.#ticket = options.ticket;
    this.meeting = signal(options.meeting);
    this.outlet = new Outlet(options.devices, this.sharing, options.name);
    this.gathering = new Gathering(
      this.self,
      (id) => this.#lives(id),
      (change) => this.#changed(change),
    );
    this.links = new Links({
      self: () => ({ id: this.self, session: this.#number }),
      iceServers: () => this.#iceServers,
      tracks: () => this.outlet.tracks.peek(),
      level: () => Math.round(options.devices.level.peek() * 127),
      post: (to, box) => this.send({ type: "signal", to, box }),
      knows: (party) => this.gathering.has(party),
      opened: (link) => this.#opened(link),
      control: (link, message) => this.#control(link, message),
    });
    this.chat = this.#makeChat();
    this.stage = new Stage(() => this.#levels());
    this.tracks = computed(() => [
      ...sources.flatMap((source) => {
        const track = this.outlet.tracks.value[source];
        return track === undefined ? [] : [{ from: this.self, source, track }];
      }),
      ...[...this.links.all.value.values()].flatMap((link) => link.flows.value),
    ]);
    this.#signaling = new Signaling({
      url: options.signalingUrl,
      warm: options.warm,
      hello: () => ({
        meeting_id: options.meeting.meetingId,
        ticket: this.#ticket,
        kind: "browser",
        presence: this.outlet.presence.peek(),
        ...(this.#number > 0 && { session: this.#number }),
      }),
      matters: (frame, welcome) =>
        frame.type === "signal" && welcome.roster.some(({ id }) => id === frame.to),
      events: {
        welcome: (welcome) => this.#welcome(welcome),
        frame: (frame) => this.#frame(frame),
        lost: () => this.#lost(),
        bye: (bye) => this.#bye(bye),
      },
    });
    this.#begin();
  }

  get policy(): ReadonlySignal<Policy | undefined> {
    return this.#policy;
  }

  /** What the policy lets somebody do; before it is known, everything. */
  may(what: "share" | "chat", id: string): boolean {
    if (this.#policy.value?.[what] !== "host") {
      return true;
    }
    const who = this.gathering.roster.value.find((each) => each.id === id);
    const chairs = this.gathering.actingHost.value === id;
    return chairs || who?.role === "host" || who?.role === "co-host";
  }

  send(frame: Numbered): void {
    this.#signaling.send(frame);
  }

  show(shown: readonly Shown[]): void {
    this.#shown.value = shown;
  }

  leave(): void {
    if (this.state.peek().phase !== "over") {
      this.#signaling.close(true);
      this.#over(undefined);
    }
  }

  #begin(): void {
    this.#ends.push(
      effect(() => {
        const tracks = this.outlet.tracks.value;
        for (const source of sources) {
          this.links.setTrack(source, tracks[source]);
        }
      }),
      effect(() => this.#present(this.outlet.presence.value)),
      effect(() => {
        const shown = this.#shown.value;
        if (shown !== undefined) {
          this.links.setViews(viewsOf(shown, [...this.links.all.value.keys()]));
        }
      }),
      effect(() => {
        if (!this.may("share", this.self)) {
          this.sharing.stop();
        }
      }),
      listen(window, "online", () => this.links.networkChanged()),
      listen(connection(), "change", () => this.links.networkChanged()),
      // A page that goes away says so; the others need not wait for silence.
      listen(window, "pagehide", () => this.links.close(true)),
      every(1000, () => this.gathering.tick()),
      () => this.stage.stop(),
      () => this.sharing.end(),
    );
  }

  #makeChat(): Chat {
    const { identity, meeting } = this.#options;
    return new Chat({
      self: this.self,
      session: () => this.#number,
      name: () => this.outlet.presence.peek().name,
      envelopes: new Envelopes(meeting.meetingId, identity),
      send: (to, message) => this.links.send(to, message),
      others: () => this.gathering.wanted().map(({ id }) => id),
      may: (id) => this.may("chat", id),
      unsent: () => this.notices.add("chat-unsent"),
    });
  }

  #welcome(welcome: Welcome): void {
    const { self, title, host_id, roster, policy, expires_at, ice_servers, resume } = welcome;
    const first = this.#number === 0;
    this.#number = self.session;
    this.#ticket = resume.ticket;
    this.#iceServers = ice_servers.map(({ urls, username, credential }) => ({
      urls: [...urls],
      ...(username !== undefined && { username }),
      ...(credential !== undefined && { credential }),
    }));
    this.#describe(title, expires_at ?? undefined, host_id);
    this.#options.keepWay(resume.ticket, this.meeting.value);
    this.#policy.value = policy;
    if (welcome.waiting === true) {
      this.state.value = { phase: "waiting" };
      return;
    }
    this.links.setIceServers(this.#iceServers);
    this.gathering.welcome(roster, first || this.state.peek().phase === "waiting");
    this.links.want(this.gathering.wanted());
    if (this.state.peek().phase === "in" && !this.#connected()) {
      this.notices.add("reconnected");
    }
    this.state.value = { phase: "in", rendezvous: "connected" };
    this.#present(this.outlet.presence.peek());
  }

  #frame(frame: Told): void {
    switch (frame.type) {
      case "joined":
        this.gathering.joined(frame.participant);
        break;
      case "updated":
        this.gathering.updated(frame.participant);
        break;
      case "left":
        this.gathering.left(frame.id, frame.why);
        break;
      case "signal":
        this.links.receive({ id: frame.from, session: frame.session }, frame.box);
        return;
      case "waiting":
        this.waiting.value = frame.waiting.map(({ id, presence }) => ({ id, name: presence.name }));
        return;
      case "policy":
        this.#ruled(frame);
        return;
      case "problem":
        this.notices.add("refused", { trouble: { code: frame.code, detail: frame.detail } });
        return;
      case "broadcast":
        return; // nothing of this client's travels that way
    }
    this.links.want(this.gathering.wanted());
  }

  #ruled(frame: Extract<Told, { type: "policy" }>): void {
    this.#policy.value = frame.policy;
    this.#describe(frame.title, frame.expires_at ?? undefined, undefined);
    if (frame.suspended_until != null) {
      const retryAt = Date.parse(frame.suspended_until);
      this.notices.add("suspended", { trouble: { code: "password-suspended", retryAt } });
    } else {
      this.notices.add("policy");
    }
  }

  #describe(title: string, expiresAt: string | undefined, hostId: string | undefined): void {
    const before = this.meeting.value;
    const host = hostId ?? before.hostId;
    this.meeting.value = {
      ...before,
      title,
      hostId: host,
      isHost: host === this.self,
      expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
    };
  }

  #lost(): void {
    if (this.state.peek().phase === "in") {
      this.state.value = { phase: "in", rendezvous: "reconnecting" };
      this.notices.add("reconnecting");
    }
  }

  #bye({ why, code, detail, retry_after }: Bye): void {
    this.#over({
      code: code ?? why,
      detail,
      ...(retry_after !== undefined && { retryAt: Date.now() + retry_after * 1000 }),
    });
  }

  #over(trouble: Trouble | undefined): void {
    for (const end of this.#ends.splice(0)) {
      end();
    }
    this.links.close(false);
    this.state.value = { phase: "over", trouble };
    this.#options.over(trouble);
  }

  #connected(): boolean {
    const state = this.state.peek();
    return state.phase === "in" && state.rendezvous === "connected";
  }

  #told: string | undefined;

  #present(presence: Presence): void {
    const text = JSON.stringify(presence);
    if (this.#connected() && text !== this.#told) {
      this.#told = text;
      this.send({ type: "presence", presence });
    }
  }

  #changed(change: Change): void {
    const name = change.who.presence.name;
    this.notices.add(change.what, { name });
  }

  #opened(link: Link): void {
    this.chat.reached(link.peer);
    if (this.#newcomer.asks(link.peer)) {
      link.send({ type: "history_request" });
    }
  }

  #control(link: Link, message: ControlMessage): void {
    switch (message.type) {
      case "envelope":
        if (message.envelope.kind === "chat") {
          void this.chat.take(message.envelope, true);
        }
        break;
      case "history_request":
        if (this.#newcomer.answers(link.peer, performance.now())) {
          for (const part of this.chat.told()) {
            link.send(part);
          }
        }
        break;
      case "history":
        void this.chat.takeHistory(message.envelopes);
        break;
      default:
        break; // view and slots are the link's own
    }
  }

  /** Whether the link to somebody still carries. */
  #lives(id: string): boolean {
    const quality = this.links.all.peek().get(id)?.quality.peek();
    return quality !== undefined && quality !== "lost" && quality !== "connecting";
  }

  #levels(): ReadonlyMap<string, number> {
    const levels = new Map([[this.self, this.#options.devices.level.peek()]]);
    for (const [peer, link] of this.links.all.peek()) {
      levels.set(peer, link.peerLevel.peek() / 127);
    }
    return levels;
  }
}

/** The network information of the browsers that have it. */
function connection(): EventTarget | undefined {
  return (navigator as { readonly connection?: EventTarget }).connection;
}

function listen(target: EventTarget | undefined, type: string, heard: () => void): () => void {
  target?.addEventListener(type, heard);
  return () => target?.removeEventListener(type, heard);
}

function every(millis: number, act: () => void): () => void {
  const timer = setInterval(act, millis);
  return () => clearInterval(timer);
}
