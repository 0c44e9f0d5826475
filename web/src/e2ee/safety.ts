/** The safety code: what people read to each other to know that nobody sits between them. */
import { showMeetingId } from "../protocol/meeting";
import type { Session } from "./card";
import type { Epoch } from "./epoch";
import { joined, text } from "./fields";
import { sha256 } from "./primitives";
import { words } from "./words";

export interface SafetyCode {
  /** Six. */
  readonly words: readonly string[];
  /** Six of them. */
  readonly digits: string;
}

const wordCount = 6;

/** The same for all who have this epoch and accept these sessions: all but helpers, one's own among them. */
export async function safetyCode(
  meeting: string,
  host: string,
  epoch: Epoch,
  sessions: readonly Session[],
): Promise<SafetyCode> {
  const members = [...sessions].sort((a, b) => (a.id < b.id ? -1 : 1));
  const digest = await sha256(
    joined(
      text("parley/1/safety"),
      text(showMeetingId(meeting)),
      text(host),
      epoch.commit,
      ...members.flatMap(({ id, fingerprint }) => [text(id), fingerprint]),
    ),
  );
  const number = new DataView(digest.buffer).getUint32(wordCount) % 1_000_000;
  return {
    words: Array.from(digest.subarray(0, wordCount), (byte) => words[byte] ?? ""),
    digits: String(number).padStart(6, "0"),
  };
}
