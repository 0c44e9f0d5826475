/**
 * Boxes on the wire, in base64url.
 *
 *   for one session:  0x01 ‖ enc (1120) ‖ counter (8) ‖ AES-256-GCM
 *   for everybody:    0x02 ‖ epoch's ID (8) ‖ counter (8) ‖ AES-256-GCM
 *
 * Sealed in the first is the sender's signature (64) and 1 to 8 messages, each
 * after its length; in the second one message. Owns their layout and bounds; keys
 * are the Mailbox's.
 */
import { type Bytes, fromBase64Url, toBase64Url } from "../protocol/bytes";
import { decodeBoxMessage, encodeBoxMessage } from "../protocol/codec";
import { type BoxMessage, maxBox } from "../protocol/messages.gen";
import { epochIdSize } from "./epoch";
import { joined, text, u64 } from "./fields";
import { encSize } from "./hpke";
import { tagSize } from "./primitives";
import { Refused } from "./refused";

/** Messages in one box. */
export const maxMessages = 8;

const forOne = 1;
const forAll = 2;
const counterSize = 8;

/** A box taken apart. */
export type Box =
  | {
      readonly to: "one";
      readonly enc: Bytes;
      readonly counter: number;
      readonly sealed: Bytes;
    }
  | {
      readonly to: "all";
      readonly epoch: Bytes;
      readonly counter: number;
      /** Everything before what is sealed, and authenticated with it. */
      readonly head: Bytes;
      readonly sealed: Bytes;
    };

/** Throws Refused `altered` for what is no box. */
export function parseBox(box: string): Box {
  const bytes = box.length <= maxBox ? fromBase64Url(box) : undefined;
  const nameSize = bytes?.[0] === forOne ? encSize : epochIdSize;
  const end = 1 + nameSize + counterSize;
  if (bytes === undefined || bytes.length <= end + tagSize) {
    throw new Refused("altered");
  }
  const name = bytes.slice(1, 1 + nameSize);
  const counter = Number(new DataView(bytes.buffer).getBigUint64(1 + nameSize));
  const sealed = bytes.subarray(end);
  if (counter === 0 || !Number.isSafeInteger(counter)) {
    throw new Refused("altered");
  }
  switch (bytes[0]) {
    case forOne:
      return { to: "one", enc: name, counter, sealed };
    case forAll:
      return { to: "all", epoch: name, counter, head: bytes.slice(0, end), sealed };
    default:
      throw new Refused("altered");
  }
}

/** What is authenticated with a box for one: its key is of its enc already. */
export function dataOfOne(counter: number): Bytes {
  return joined(Uint8Array.of(forOne), u64(counter));
}

export function boxForOne(enc: Bytes, counter: number, sealed: Bytes): string {
  return encoded(Uint8Array.of(forOne), enc, u64(counter), sealed);
}

export function headOfAll(epoch: Bytes, counter: number): Bytes {
  return joined(Uint8Array.of(forAll), epoch, u64(counter));
}

export function boxForAll(head: Bytes, sealed: Bytes): string {
  return encoded(head, sealed);
}

function encoded(...parts: readonly Bytes[]): string {
  const box = toBase64Url(joined(...parts));
  if (box.length > maxBox) {
    throw new RangeError("the messages are larger than a box");
  }
  return box;
}

export function encodeMessages(messages: readonly BoxMessage[]): Bytes {
  return joined(...messages.map((message) => text(encodeBoxMessage(message))));
}

/** The one to `atMost` messages that fill `bytes`; throws Refused `altered` for anything else. */
export function decodeMessages(bytes: Bytes, atMost: number): readonly BoxMessage[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: BoxMessage[] = [];
  try {
    for (let at = 0; at < bytes.length || messages.length === 0; ) {
      const end = at + 4 + view.getUint32(at);
      if (end > bytes.length || messages.length === atMost) {
        throw new RangeError("no list of messages");
      }
      messages.push(decodeBoxMessage(decoder.decode(bytes.subarray(at + 4, end))));
      at = end;
    }
  } catch {
    throw new Refused("altered"); // what was wrong with it would say what is in it
  }
  return messages;
}
