/**
 * Chat: the sealed body of an envelope of kind `chat`, the same for everybody
 * and for who hands on the history. 0x01 ‖ epoch's ID (8) ‖ author's session
 * (32) ‖ AES-256-GCM of the JSON, in base64url.
 */
import { type Bytes, fromBase64Url, toBase64Url, utf8 } from "../protocol/bytes";
import { decodeChat, encodeChat } from "../protocol/codec";
import { showMeetingId } from "../protocol/meeting";
import { type Chat, type Envelope, maxEnvelope } from "../protocol/messages.gen";
import type { Session } from "./card";
import { type Epoch, epochIdSize } from "./epoch";
import { joined, text } from "./fields";
import { keySize, open, seal, sealingKey, tagSize } from "./primitives";
import { Refused } from "./refused";
import type { Ring } from "./ring";

const version = 1;
const headSize = 1 + epochIdSize + keySize;

/** What names the line: its envelope's meeting and number. */
export interface Line {
  readonly meeting: string;
  /** The number of the envelope that will carry it: no two of a session have the same. */
  readonly seq: number;
}

/** The body for an envelope of `self`. */
export async function sealChat(
  epoch: Epoch,
  self: Session,
  line: Line,
  chat: Chat,
): Promise<string> {
  const key = await chatKey(epoch, self.fingerprint);
  const plain = utf8(encodeChat(chat));
  const sealed = await seal(key, line.seq, data(line.meeting, self.id), plain);
  return toBase64Url(joined(Uint8Array.of(version), epoch.id, self.fingerprint, sealed));
}

/** What an envelope's body says; rejects with Refused: `no-epoch` or `altered`. */
export async function openChat(epochs: Ring, envelope: Envelope): Promise<Chat> {
  const { body, kind, seq, meeting, from } = envelope;
  const bytes = body.length <= maxEnvelope ? fromBase64Url(body) : undefined;
  if (kind !== "chat" || seq < 1 || bytes?.[0] !== version || bytes.length < headSize + tagSize) {
    throw new Refused("altered");
  }
  const epoch = epochs.find(bytes.subarray(1, 1 + epochIdSize));
  if (epoch === undefined) {
    throw new Refused("no-epoch");
  }
  const key = await chatKey(epoch, bytes.slice(1 + epochIdSize, headSize));
  const plain = await open(key, seq, data(meeting, from), bytes.subarray(headSize));
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decodeChat(decoder.decode(plain));
  } catch {
    throw new Refused("altered");
  }
}

async function chatKey(epoch: Epoch, fingerprint: Bytes): Promise<CryptoKey> {
  return sealingKey(await epoch.derive("parley/1/chat", fingerprint));
}

function data(meeting: string, from: string): Bytes {
  return joined(text("parley/1/chat"), text(showMeetingId(meeting)), text(from));
}
