/**
 * One stay in one room: its parts, and what each tells the others. Frames of
 * the rendezvous go through the gate to the gathering, its plan to the links,
 * what comes by the links to the chat, one's own tracks and presence out to
 * everybody.
 */
import { effect, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import { sources } from "../link/shape";
import type { Bye, Left, Presence, Welcome } from "../protocol/codec";
import { Announcer } from "./announcer";
import { chosenOf } from "./carried";
import type { Chat } from "./chat";
import { Exchange } from "./exchange";
import { Gathering } from "./gathering";
import { Herald } from "./herald";
import { Links } from "./links";
import { Lookout } from "./lookout";
import type { Quality, RoomState, Shown, Trouble } from "./model";
import { Notices } from "./notices";
import type { SessionOptions } from "./options";
import { Outlet } from "./outlet";
import { every, listen, network } from "./outside";
import { recordersOf, type Waiter, waitersOf } from "./people";
import { Reception } from "./reception";
import { Rules } from "./rules";
import { Secrecy } from "./secrecy";
import { Sharing } from "./sharing";
import { type Numbered, Signaling, type Told } from "./signaling";
import { Stage } from "./stage";
import { Standing } from "./standing";
import { Star } from "./star";
import { sameList, steady } from "./steady";
import { sameTrack, type Track } from "./tiles";
import { starViewsOf, viewsOf } from "./views";

/** Not of every breath: the acting host looks at what lasts for seconds. */
const advertEveryMillis = 5_000;

export class Session {
  readonly self: string;
  readonly state = signal<RoomState>({ phase: "joining" });
  readonly waiting = signal<readonly Waiter[]>([]);
  readonly notices = new Notices();
  readonly sharing = new Sharing();
  readonly outlet: Outlet;
  readonly gathering: Gathering;
  readonly links: Links;
  readonly chat: Chat;
  readonly stage: Stage;
  readonly rules: Rules;
  readonly secrecy: Secrecy;
  readonly standing: Standing;
  /** Everybody's tracks, one's own included. */
  readonly tracks: ReadonlySignal<readonly Track[]>;
  readonly #options: SessionOptions;
  readonly #signaling: Signaling;
  readonly #exchange: Exchange;
  readonly #reception: Reception;
  readonly #star: Star;
  readonly #lookout: Lookout;
  readonly #herald: Herald;
  readonly #announcer: Announcer;
  readonly #shown = signal<readonly Shown[] | undefined>(undefined);
  readonly #ends: (() => void)[] = [];
  #replaced: number;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.self = options.identity.peerId;
    this.standing = new Standing(options);
    this.#herald = new Herald(this.notices);
    this.outlet = new Outlet(options.devices, this.sharing, options.name);
    this.gathering = new Gathering({
      self: this.self,
      planned: (plan) => this.links.follow(plan),
      say: (directive) => this.#exchange.say(directive),
      show: (to) => this.#exchange.show(to),
      callHelper: () => this.send({ type: "call_helper" }),
      notice: (notice, who) => this.#herald.tell(notice, who, this.gathering.everybody().length),
    });
    this.rules = new Rules(this.gathering);
    this.secrecy = new Secrecy({
      stay: options,
      notices: this.notices,
      session: () => this.standing.number,
      chair: this.gathering.chair,
      inside: this.gathering.inside,
      post: (to, box) => this.#star.post(to, box),
      broadcast: (box) => this.send({ type: "broadcast", box }),
      hand: (to, box) => this.#star.hand(to, box),
      opened: (from) => this.#lookout.heard(from),
      accept: (from, message) =>
        message.type === "envelope"
          ? this.#exchange.envelope(message.envelope)
          : this.links.accept(from, message),
      rejudge: () => this.#reception.rejudge(),
      recarded: () => this.#signaling.renew(),
    });
    this.#reception = new Reception({
      self: this.self,
      gate: this.secrecy.gate,
      gathering: this.gathering,
      told: (entry) => this.secrecy.told(entry),
      turnedOut: () => this.secrecy.epochs.renew(),
      over: () => this.state.peek().phase === "over",
    });
    this.#replaced = options.devices.replaced.peek();
    this.links = new Links({
      self: () => ({ id: this.self, session: this.standing.number }),
      iceServers: () => this.standing.iceServers,
      tracks: () => this.outlet.tracks.peek(),
      level: () => Math.round(options.devices.level.peek() * 127),
      seals: options.transforms,
      warm: options.wire,
      signal: (to, message) => this.secrecy.send(to, message),
      knows: (party) => this.gathering.has(party),
      opened: (link) => {
        this.secrecy.linked({ id: link.peer, session: link.peerSession });
        this.#exchange.opened(link);
      },
      control: (link, message) => this.#star.control(link, message),
      vitals: (ref, vitals) => this.gathering.linked(ref, vitals),
      served: (links) => this.#star.serve(links),
    });
    this.#star = new Star({
      self: this.self,
      session: () => this.standing.number,
      gathering: this.gathering,
      links: this.links,
      connected: () => this.#connected(),
      signal: (to, box) => this.send({ type: "signal", to, box }),
      broadcast: (envelope) => this.secrecy.broadcast(envelope),
      receive: (from, box) => this.secrecy.receive(from, box, true),
      reached: (peer) => this.#exchange.reached(peer),
      take: (link, message) => this.#exchange.take(link, message),
    });
    this.#lookout = new Lookout({
      gathering: this.gathering,
      links: this.links,
      session: () => this.standing.number,
      keyOf: (party) => this.secrecy.gate.find(party)?.card.key ?? "",
      online: () => online(this.state.value),
      lacking: (id) => this.secrecy.alarm({ code: "unreachable", id, name: "" }),
    });
    this.#exchange = new Exchange({
      self: this.self,
      envelopes: this.secrecy.envelopes,
      cipher: this.secrecy.cipher,
      session: () => this.standing.number,
      name: () => this.outlet.presence.peek().name,
      gathering: this.gathering,
      reach: this.#star.reach,
      may: (id) => untracked(() => this.rules.let(id, "chat")),
      unsent: () => this.notices.add("chat-unsent"),
    });
    this.chat = this.#exchange.chat;
    this.stage = new Stage(() =>
      new Map(this.#star.levels()).set(this.self, options.devices.level.peek()),
    );
    // What arrives of it and how changes more often: nothing is drawn for that.
    this.tracks = steady(
      () => [
        ...sources.flatMap((source) => {
          const track = this.outlet.tracks.value[source];
          return track === undefined ? [] : [{ from: this.self, source, track }];
        }),
        ...chosenOf(this.links.carriers()),
      ],
      sameList(sameTrack),
    );
    this.#announcer = new Announcer((presence) => this.send({ type: "presence", presence }));
    this.#signaling = new Signaling({
      url: options.signalingUrl,
      warm: options.warm,
      hello: () => this.#hello(),
      matters: (frame, welcome) =>
        frame.type === "signal" && welcome.roster.some(({ id }) => id === frame.to),
      events: {
        welcome: (welcome) => this.#reception.inOrder(() => this.#welcome(welcome)),
        frame: (frame) => this.#reception.inOrder(() => this.#frame(frame)),
        lost: () => this.#reception.inOrder(() => this.#lost()),
        bye: (bye) => this.#reception.inOrder(() => this.#bye(bye)),
      },
    });
    this.#begin();
  }

  /** How what somebody sends gets here. */
  qualityOf(id: string): Quality {
    const quality = this.#star.qualityOf(id);
    const apart = quality === "connecting" && this.#lookout.unreachable.value.has(id);
    return apart ? "unreachable" : quality;
  }

  send(frame: Numbered): void {
    this.#signaling.send(frame);
  }

  show(shown: readonly Shown[]): void {
    this.#shown.value = shown;
  }

  /** Sends somebody away. Here they are gone at once: nothing that follows waits for the rendezvous to say so. */
  remove(id: string, ban: boolean): void {
    this.send({ type: "remove", id, ...(ban && { ban }) });
    this.#left(id, "removed");
  }

  /** Somebody who waits at the door is not to come in. */
  deny(id: string): void {
    this.send({ type: "deny", id });
    this.secrecy.strike(id);
  }

  leave(): void {
    if (this.state.peek().phase !== "over") {
      this.#signaling.close(true);
      this.#over(undefined);
    }
  }

  #begin(): void {
    this.#ends.push(
      effect(() => this.links.setTracks(this.outlet.tracks.value)),
      effect(() => this.#present(this.outlet.presence.value)),
      effect(() => {
        const shown = this.#shown.value;
        if (shown !== undefined) {
          const peers = this.links.all().map(({ peer }) => peer);
          const views = {
            mesh: viewsOf(shown, peers),
            star: starViewsOf(shown, this.#star.voices(), this.stage.speaker.value),
          };
          untracked(() => this.links.setViews(views));
        }
      }),
      effect(() => {
        const recorders = recordersOf(this.gathering.roster.value);
        untracked(() => this.#herald.recorders(recorders));
      }),
      effect(() => {
        this.links.carriers(); // what comes by which link
        untracked(() => this.#star.look());
      }),
      effect(() => {
        this.rules.let(this.self, "share") || this.sharing.stop();
      }),
      effect(() => {
        const often = this.#options.devices.replaced.value;
        often > this.#replaced && this.notices.add("device");
        this.#replaced = often;
      }),
      effect(() => {
        const failed = this.#options.transforms.failed.value;
        failed && this.#reception.inOrder(() => this.#stop("encryption-stopped"));
      }),
      listen(window, "online", () => this.links.networkChanged()),
      listen(network(), "change", () => this.links.networkChanged()),
      // The others hear at once that a page goes away, and need not wait for silence.
      listen(window, "pagehide", () => this.links.close(true)),
      listen(window, "pageshow", () => this.links.follow(this.gathering.plan)),
      every(advertEveryMillis, () => {
        const loss = this.#star.lossMille();
        loss !== undefined && this.#exchange.advertise(loss);
      }),
      () => this.stage.stop(),
      () => this.#star.end(),
      () => this.#lookout.end(),
      () => this.sharing.end(),
    );
  }

  async #welcome(welcome: Welcome): Promise<void> {
    if (welcome.self.id !== this.self) {
      this.#stop("protocol"); // it takes this client for another
      return;
    }
    const { policy } = welcome;
    const again = {
      ...(welcome.resumed !== undefined && { resumed: welcome.resumed }),
      ...(welcome.waiting !== undefined && { waiting: welcome.waiting }),
    };
    this.standing.welcomed(welcome);
    this.rules.set(policy);
    if (welcome.waiting === true) {
      this.state.value = { phase: "waiting" };
      return;
    }
    this.links.setIceServers(this.standing.iceServers);
    const inside = await this.#reception.welcomed(welcome);
    if (inside === undefined) {
      this.#stop("invitation-only"); // and nobody here takes this client for invited
      return;
    }
    const take = () => this.gathering.happened({ type: "welcome", ...inside, policy, ...again });
    this.state.peek().phase === "in" ? take() : this.#herald.entering(take);
    if (this.state.peek().phase === "in" && !this.#connected()) {
      this.notices.add("reconnected");
      welcome.resumed || this.secrecy.restarted();
    }
    this.state.value = { phase: "in", rendezvous: "connected" };
    this.#present(this.outlet.presence.peek());
  }

  async #frame(frame: Told): Promise<void> {
    switch (frame.type) {
      case "joined":
      case "updated":
        await this.#reception.entered(frame.participant);
        return;
      case "left":
        this.#left(frame.id, frame.why);
        return;
      case "signal":
      case "broadcast":
        this.secrecy.receive({ id: frame.from, session: frame.session }, frame.box);
        return;
      case "waiting":
        this.waiting.value = waitersOf(await this.secrecy.gate.waiting(frame.waiting));
        return;
      case "policy":
        await this.#ruled(frame);
        return;
      case "problem":
        // Somebody who has just left is no longer to be reached: nothing that a person did.
        if (frame.code !== "not-in-room") {
          this.notices.add("refused", { trouble: { code: frame.code, detail: frame.detail } });
        }
        return;
      case "helping":
      case "help_wanted":
        return; // a browser never offered to help
    }
  }

  #left(id: string, why: Left["why"]): void {
    this.secrecy.left(id, why);
    this.gathering.happened({ type: "left", id, why });
  }

  /** Ends it from here. */
  #stop(code: string): void {
    this.#signaling.close(true);
    this.#over({ code });
  }

  async #ruled(frame: Extract<Told, { type: "policy" }>): Promise<void> {
    this.rules.set(frame.policy);
    await this.#reception.ruled(frame.policy);
    this.standing.described(frame.title, frame.expires_at ?? undefined);
    this.#herald.ruled(frame.suspended_until ?? undefined);
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
    this.gathering.end();
    this.secrecy.end(); // after the links: with it goes what seals all that they send
    this.state.value = { phase: "over", trouble };
    this.#options.over(trouble);
  }

  #connected(): boolean {
    return online(this.state.peek());
  }

  #hello() {
    return {
      ...this.standing.claim,
      kind: "browser" as const,
      card: this.#options.own.card,
      presence: this.#announcer.greeted(this.outlet.presence.peek()),
    };
  }

  #present(presence: Presence): void {
    this.#connected() && this.#announcer.tell(presence);
  }
}

const online = (state: RoomState): boolean =>
  state.phase === "in" && state.rendezvous === "connected";
