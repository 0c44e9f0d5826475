import { expect } from "vitest";
import { journey } from "./harness/journey";

/** Compressed script before the page is painted, in bytes. */
const budget = 60 * 1024;

journey("home greets a newcomer", async (here) => {
  const ada = await here.person("Ada");
  await ada.page.goto("/");

  await ada.button("Create a meeting").waitFor();
  await ada.button("Join meeting").waitFor();
  for (const label of ["Meeting title", "Meeting ID", "Password"]) {
    await ada.field(label).waitFor();
  }

  expect(await ada.scriptBytes()).toBeLessThan(budget);
  await ada.looksRight("home");
});

journey("home asks no other origin for anything", async (here) => {
  const ada = await here.person("Ada");
  const foreign: string[] = [];
  ada.page.on("request", (request) => {
    if (new URL(request.url()).origin !== here.rendezvous.url) {
      foreign.push(request.url());
    }
  });
  await ada.page.goto("/");
  await ada.button("Create a meeting").waitFor();
  expect(foreign).toEqual([]);
});
