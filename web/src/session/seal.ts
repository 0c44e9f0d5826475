/**
 * The one place where a box is made and opened: what two participants tell
 * each other through the rendezvous about their link.
 */
import { decodeLinkSignal, encodeLinkSignal, type LinkSignal } from "../protocol/codec";

/** Another participant's session, or one's own. */
export interface Party {
  readonly id: string;
  readonly session: number;
}

export async function seal(signal: LinkSignal, _to: Party): Promise<string> {
  return encodeLinkSignal(signal);
}

/** Rejects for what is no signal of a link. */
export async function open(box: string, _from: Party): Promise<LinkSignal> {
  return decodeLinkSignal(box);
}
