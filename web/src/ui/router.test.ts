import { expect, test } from "vitest";
import { routeOf } from "./router";

// Guards the three addresses that other people's links are made of.
test.each([
  ["/", "", { page: "home" }],
  ["/join/Zk3v", "#s3cret", { page: "join", token: "Zk3v", fragment: "s3cret" }],
  ["/join/Zk3v/", "", { page: "join", token: "Zk3v", fragment: "" }],
  ["/room/482-913-006", "", { page: "room", meetingId: "482-913-006" }],
  ["/join", "", { page: "missing" }],
  ["/join/a/b", "", { page: "missing" }],
  ["/settings", "", { page: "missing" }],
])("%s%s", (path, hash, route) => {
  expect(routeOf(path, hash)).toEqual(route);
});
