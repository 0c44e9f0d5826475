import { expect, test } from "vitest";
import { people } from "../fixture/cast";
import { someInvited, wayOf } from "./entry";

const all = people(3);
const byPassword = all.map((each) => ({ ...each, via: "password" as const }));

// In a meeting without a secret everybody is by password: a mark on each would say nothing.
test("a mark is worth something where others came by invitation", () => {
  expect(someInvited(all)).toBe(true);
  expect(someInvited(byPassword)).toBe(false);
});

// Who lost the last part of the link would take themselves for invited, and nobody else would.
test("oneself is by invitation only with a proof", () => {
  const [self, other] = all.map((each) => ({ ...each, proved: false }));
  expect(self && wayOf(self)).toBe("password");
  expect(other && wayOf(other)).toBe("invitation");
});

test("a helper is no participant, however it came", () => {
  const [first] = all;
  expect(
    someInvited([...byPassword, ...(first ? [{ ...first, kind: "helper" as const }] : [])]),
  ).toBe(false);
});
