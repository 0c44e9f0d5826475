/** The roster, with what this client knows of each link → the people that are shown. Pure. */
import type { Participant, Presence } from "../protocol/codec";
import type { Person, Quality } from "./model";

export interface Known {
  readonly self: string;
  /** One's own presence as it is here, before the rendezvous has heard of it. */
  readonly presence: Presence;
  readonly actingHost: string | undefined;
  readonly speaking: ReadonlySet<string>;
  readonly quality: (id: string) => Quality;
  readonly proved: (id: string) => boolean;
}

/** In join order. */
export function peopleOf(roster: readonly Participant[], known: Known): readonly Person[] {
  return [...roster].sort((a, b) => a.n - b.n).map((participant) => personOf(participant, known));
}

function personOf(participant: Participant, known: Known): Person {
  const { id, session, n, kind, role, via } = participant;
  const isSelf = id === known.self;
  const presence = isSelf ? known.presence : participant.presence;
  return {
    id,
    session,
    n,
    name: presence.name,
    isSelf,
    kind,
    role,
    isActingHost: id === known.actingHost,
    via,
    proved: known.proved(id),
    micOn: presence.mic,
    cameraOn: presence.camera,
    sharing: presence.screen,
    hand: presence.hand,
    recording: presence.recording === true,
    speaking: presence.mic && known.speaking.has(id),
    quality: isSelf ? "good" : known.quality(id),
  };
}

/** Who records, by name. */
export function recordersOf(roster: readonly Participant[]): ReadonlyMap<string, string> {
  return new Map(
    roster
      .filter(({ presence }) => presence.recording === true)
      .map(({ id, presence }) => [id, presence.name]),
  );
}

/** Somebody who waits to be let in. */
export interface Waiter {
  readonly id: string;
  readonly name: string;
}

export function waitersOf(waiting: readonly Participant[]): readonly Waiter[] {
  return waiting.map(({ id, presence }) => ({ id, name: presence.name }));
}
