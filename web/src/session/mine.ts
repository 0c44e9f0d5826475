/** The list of one's own meetings, page by page. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { MeetingSummary } from "../protocol/codec";
import type { App, MyMeeting } from "./model";
import type { Rendezvous } from "./rendezvous";

type State = App["myMeetings"]["value"];

export class Mine {
  readonly #rendezvous: Rendezvous;
  readonly #view: (summary: MeetingSummary) => MyMeeting;
  #summaries: readonly MeetingSummary[] = [];
  readonly #state = signal<State>({ state: "loading", meetings: [], more: false });
  #next: string | undefined;
  #asked = 0;

  constructor(rendezvous: Rendezvous, view: (summary: MeetingSummary) => MyMeeting) {
    this.#rendezvous = rendezvous;
    this.#view = view;
  }

  get state(): ReadonlySignal<State> {
    return this.#state;
  }

  load(): Promise<void> {
    return this.#page(undefined);
  }

  async loadMore(): Promise<void> {
    if (this.#next !== undefined) {
      await this.#page(this.#next);
    }
  }

  forget(meetingId: string): void {
    this.#summaries = this.#summaries.filter((each) => each.meeting_id !== meetingId);
    this.refresh();
  }

  /** What this browser knows of them changed. */
  refresh(): void {
    const meetings = this.#summaries.map(this.#view);
    this.#state.value = { ...this.#state.value, meetings };
  }

  async #page(after: string | undefined): Promise<void> {
    this.#asked++;
    const asked = this.#asked;
    const result = await this.#rendezvous.myMeetings(after);
    if (asked !== this.#asked) {
      return; // asked again meanwhile: the later answer counts
    }
    if (!result.ok) {
      this.#state.value = { ...this.#state.value, state: "failed", trouble: result.trouble };
      return;
    }
    const { meetings, next } = result.value;
    const before = after === undefined ? [] : this.#summaries;
    const known = new Set(before.map(({ meeting_id }) => meeting_id));
    this.#summaries = [...before, ...meetings.filter(({ meeting_id }) => !known.has(meeting_id))];
    this.#next = next;
    this.#state.value = {
      state: "ready",
      meetings: this.#summaries.map(this.#view),
      more: next !== undefined,
    };
  }
}
