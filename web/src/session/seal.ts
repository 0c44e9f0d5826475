/**
 * The one place where a box is made and opened: what two participants tell
 * each other through the rendezvous, about their link and before they have one.
 */
import {
  type ControlMessage,
  decodeControl,
  decodeBoxMessage,
  encodeControl,
  encodeBoxMessage,
  type LinkSignal,
} from "../protocol/codec";

/** What the room must hear, for somebody whom no link reaches yet. */
export type Letter = Extract<ControlMessage, { type: "envelope" }>;
export type Content = LinkSignal | Letter;

/** Another participant's session, or one's own. */
export interface Party {
  readonly id: string;
  readonly session: number;
}

/** For somebody, or for everybody. */
export async function seal(content: Content, _to: Party | undefined): Promise<string> {
  return content.type === "envelope" ? encodeControl(content) : encodeBoxMessage(content);
}

/** Rejects for what is neither. */
export async function open(box: string, _from: Party): Promise<Content> {
  return isLetter(box) ? letterIn(box) : signalIn(box);
}

const isLetter = (box: string): boolean => /"type"\s*:\s*"envelope"/.test(box);

function letterIn(box: string): Content {
  const message = decodeControl(box);
  // The words may stand anywhere in a description: then it is that after all.
  return message.type === "envelope" ? message : signalIn(box);
}

function signalIn(box: string): LinkSignal {
  const message = decodeBoxMessage(box);
  if (message.type === "envelope" || message.type === "epoch") {
    throw new Error("no signal");
  }
  return message;
}
