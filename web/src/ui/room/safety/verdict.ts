/** What somebody has made of the safety code so far. Pure; kept in memory alone. */
import type { Safety } from "../../../session/model";

/** What was said of codes: which one was the same, and whether the last one compared was not. */
export interface Compared {
  readonly same: string | undefined;
  readonly differs: boolean;
}

export const notCompared: Compared = { same: undefined, differs: false };

/**
 * none: there is no code to compare. open: nobody compared it. same: it was
 * compared. renewed: one before it was. differs: the last comparison failed,
 * whatever the code is now, until somebody compares again.
 */
export type Verdict = "none" | "open" | "same" | "renewed" | "differs";

/** The code as plain text, to copy, and to tell two of them apart. */
export function plainCode({ words, digits }: Pick<Safety, "words" | "digits">): string {
  return `${words.join(" ")} ${digits}`;
}

export function verdictOf(safety: Safety | undefined, { same, differs }: Compared): Verdict {
  if (differs) {
    return "differs";
  }
  // Alone, there is nobody to compare with.
  if (safety === undefined || safety.people < 2) {
    return "none";
  }
  if (same === undefined) {
    return "open";
  }
  return same === plainCode(safety) ? "same" : "renewed";
}

/** The words in rows, as they are read aloud: three and three. */
export function rowsOf(words: readonly string[]): readonly (readonly string[])[] {
  const half = Math.ceil(words.length / 2);
  return words.length === 0 ? [] : [words.slice(0, half), words.slice(half)];
}
