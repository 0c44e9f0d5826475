/** Why something sealed or signed was not taken. */

/**
 * altered: it does not open, or is not its author's. replayed: it was here
 * before. forged: an envelope or statement that its author did not sign.
 * no-epoch: sealed in an epoch that is not held here, perhaps not yet.
 */
export type Refusal = "altered" | "replayed" | "forged" | "no-epoch";

const says: Readonly<Record<Refusal, string>> = {
  altered: "e2ee: it does not open, or is not its author's",
  replayed: "e2ee: it was here before",
  forged: "e2ee: its author did not sign it",
  "no-epoch": "e2ee: its epoch is not held",
};

/** Thrown by everything here that opens or takes what others made. It holds nothing of it. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly why: Refusal;

  constructor(why: Refusal) {
    super(says[why]);
    this.why = why;
  }
}
