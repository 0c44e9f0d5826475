/** Tells people what happened in the room, a line each, and nothing twice. */
import type { Participant } from "../protocol/codec";
import type { Notice } from "../room/outcome";
import { after, type Before, codeOf } from "./news";
import type { Notices } from "./notices";

/** What is heard of the topology so soon after coming in was so before. */
const settleMillis = 3_000;

export class Herald {
  readonly #notices: Notices;
  #before: Before = { topology: "mesh", sfu: undefined };
  #enteredAt = Number.POSITIVE_INFINITY;
  #entering = false;
  #recorders: ReadonlyMap<string, string> = new Map();

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  /** Takes the first roster by `act`: who is in it did not just join. */
  entering(act: () => void): void {
    this.#enteredAt = performance.now();
    this.#entering = true;
    act();
    this.#entering = false;
  }

  /** `others` is how many there are beside oneself. */
  tell(notice: Notice, who: Participant | undefined, others: number): void {
    const code = codeOf(notice, this.#before, who?.kind);
    // Who comes in finds the room as it is: nothing has moved.
    const found =
      notice.type === "followed" &&
      this.#before.topology === "mesh" &&
      others > 1 &&
      performance.now() < this.#enteredAt + settleMillis;
    this.#before = after(notice, this.#before);
    if (code !== undefined && !found && !(this.#entering && code === "joined")) {
      const name = who?.presence.name;
      this.#notices.add(code, name === undefined ? {} : { name });
    }
  }

  /** The policy is another one; until some time nobody comes in by password. */
  ruled(suspendedUntil: string | undefined): void {
    if (suspendedUntil === undefined) {
      this.#notices.add("policy");
    } else {
      const retryAt = Date.parse(suspendedUntil);
      this.#notices.add("suspended", { trouble: { code: "password-suspended", retryAt } });
    }
  }

  /** Who records now. Nobody is recorded without a line that says so, newcomers neither. */
  recorders(now: ReadonlyMap<string, string>): void {
    const before = this.#recorders;
    this.#recorders = now;
    for (const [id, name] of now) {
      before.has(id) || this.#notices.add("recording", { name });
    }
    for (const [id, name] of before) {
      now.has(id) || this.#notices.add("recording-over", { name });
    }
  }
}
