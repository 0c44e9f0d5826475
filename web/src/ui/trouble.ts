/** From what went wrong to a sentence with a next step. */
import type { Trouble } from "../session/model";
import { clock } from "./format";
import { strings } from "./strings";

type Sentences = Omit<typeof strings.trouble, "again">;

/** Codes of the session that mean the same to a person. */
const alike: Readonly<Record<string, keyof Sentences>> = {
  offline: "network",
  timeout: "network",
  unreachable: "network",
  "not-found": "meeting-not-found",
  internal: "unknown",
  expired: "ticket",
};

function isKnown(code: string): code is keyof Sentences {
  return code !== "again" && Object.hasOwn(strings.trouble, code);
}

export function sentenceOf(trouble: Trouble): string {
  const code = alike[trouble.code] ?? trouble.code;
  const sentence = isKnown(code)
    ? strings.trouble[code]
    : (trouble.detail ?? strings.trouble.unknown);
  return trouble.retryAt === undefined
    ? sentence
    : `${sentence} ${strings.trouble.again(clock(new Date(trouble.retryAt)))}`;
}
