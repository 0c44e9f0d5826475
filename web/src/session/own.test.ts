import { expect, test } from "vitest";
import { SessionKey } from "../e2ee/sessionkey";
import { meeting, somebody } from "./fixture";
import { Own } from "./own";
import { randomBytes } from "./random";

test("a card is of the moment that is given, and one of another membership is later", async () => {
  const identity = await somebody();
  const key = await SessionKey.of(randomBytes(32));
  const own = await Own.begin({
    meetingId: meeting,
    identity,
    key,
    host: identity.peerId,
    belonging: { membership: "A".repeat(43) },
    at: () => 5_000,
  });
  expect(own.card.at).toBe(5_000);
  const { member } = own;
  if (member === undefined) {
    throw new Error("no membership");
  }
  await own.belong(member);
  expect(own.card.at).toBe(5_001);
});
