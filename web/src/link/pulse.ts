/** How a link is: its heartbeat, its statistics, and what follows from them. */
import { batch, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Shape } from "../room/link";
import { type Beat, heardBeat, isDue, nextBeat, noBeats, silence } from "./beats";
import { type Figures, figuresBetween, noFigures, type Sample, sample } from "./figures";
import { type Quality, qualityOf } from "./quality";
import { sameVitals, unborn, type Vitals } from "./vitals";

/** What the link itself knows. */
export interface Condition {
  /** The control channel is open. */
  readonly open: boolean;
  readonly everConnected: boolean;
  readonly iceConnected: boolean;
  readonly carrying: boolean;
  /** When the last of the peer's media came, of `performance.now()`. */
  readonly mediaAt: number;
  readonly asked: boolean;
}

export class Pulse {
  readonly #quality = signal<Quality>("connecting");
  readonly #figures = signal<Figures>(noFigures);
  readonly #level = signal(0);
  readonly #vitals = signal<Vitals>(unborn);
  #beats = noBeats;
  #sample: Sample | undefined;
  #stopped = false;

  get quality(): ReadonlySignal<Quality> {
    return this.#quality;
  }
  get figures(): ReadonlySignal<Figures> {
    return this.#figures;
  }
  /** The peer's microphone, 0…127. */
  get level(): ReadonlySignal<number> {
    return this.#level;
  }
  get vitals(): ReadonlySignal<Vitals> {
    return this.#vitals;
  }

  /** When the peer's last beat came, of `performance.now()`; −∞ before the first. */
  get heardAt(): number {
    return this.#beats.last?.heardAt ?? Number.NEGATIVE_INFINITY;
  }

  /** The peer is taken for dead before its silence is long enough to be sure. */
  setStopped(stopped: boolean): void {
    this.#stopped = stopped;
  }

  /** Has the next heartbeat sent, if it goes out with the heart's n-th. */
  beat(n: number, shape: Shape, level: number, send: (beat: Beat) => boolean): void {
    if (!isDue(this.#beats, n, shape)) {
      return;
    }
    const [beats, beat] = nextBeat(this.#beats, performance.now(), level);
    if (send(beat)) {
      this.#beats = beats;
    }
  }

  hear(beat: Beat): void {
    this.#beats = heardBeat(this.#beats, beat, performance.now());
    this.#level.value = this.#beats.level;
  }

  async measure(connection: RTCPeerConnection): Promise<void> {
    const report = await connection.getStats().catch(() => undefined);
    if (report !== undefined && connection.signalingState !== "closed") {
      const next = sample(report.values(), performance.now());
      this.#figures.value = figuresBetween(this.#sample, next);
      this.#sample = next;
    }
  }

  judge({ open, everConnected, iceConnected, carrying, mediaAt, asked }: Condition): void {
    const { rttMillis, lossPercent } = this.#figures.peek();
    const now = performance.now();
    const quality = qualityOf({
      everConnected,
      iceConnected,
      silentMillis: Math.min(silence(this.#beats, now), now - mediaAt),
      rttMillis: this.#beats.rtt ?? rttMillis,
      lossPercent,
    });
    const up = open && !this.#stopped && quality !== "connecting" && quality !== "lost";
    const rounded = rttMillis === undefined ? undefined : Math.round(rttMillis);
    const vitals = { up, carrying, asked, rttMillis: rounded };
    batch(() => {
      this.#quality.value = quality;
      if (!sameVitals(vitals, this.#vitals.peek())) {
        this.#vitals.value = vitals;
      }
    });
  }

  end(): void {
    batch(() => {
      this.#quality.value = "lost";
      this.#vitals.value = unborn;
    });
  }
}
