/**
 * The host's former invitations, as what proofs are checked with: who was inside
 * when one was made new is invited still, by that proof. Nobody else is.
 */
import { MembershipKey } from "../e2ee/membership";
import type { Card } from "../protocol/codec";
import { type Former, maxFormer } from "./memory";

interface FormerKey {
  readonly member: MembershipKey;
  readonly members: ReadonlySet<string>;
}

export class FormerKeys {
  readonly #meeting: string;
  #keys: readonly FormerKey[];

  private constructor(meeting: string, keys: readonly FormerKey[]) {
    this.#meeting = meeting;
    this.#keys = keys;
  }

  static async of(former: readonly Former[], meeting: string): Promise<FormerKeys> {
    const keys = former.map(async ({ secret, members }) => {
      const member = await MembershipKey.ofSecret(secret, meeting);
      return member === undefined ? [] : [{ member, members: new Set(members) }];
    });
    return new FormerKeys(meeting, (await Promise.all(keys)).flat());
  }

  get some(): boolean {
    return this.#keys.length > 0;
  }

  /** One more, with who is inside by it. */
  retire(member: MembershipKey, members: readonly string[]): void {
    this.#keys = [{ member, members: new Set(members) }, ...this.#keys].slice(0, maxFormer);
  }

  /** Somebody was sent away: none of them proves anything of theirs any more. */
  strike(id: string): void {
    this.#keys = this.#keys.map(({ member, members }) => ({
      member,
      members: new Set([...members].filter((each) => each !== id)),
    }));
  }

  /** The one that somebody's card is proved with. */
  async proving(id: string, { key, proof = "" }: Card): Promise<MembershipKey | undefined> {
    for (const { member, members } of this.#keys) {
      if (members.has(id) && (await member.isProof(proof, this.#meeting, id, key))) {
        return member;
      }
    }
    return undefined;
  }
}
