import { expect } from "vitest";
import { journey } from "./harness/journey";
import { creates, followsLink, isInside, opens } from "./steps";

journey("wrong doors are told in a sentence, and nothing typed is lost", async (here) => {
  const ada = await here.person("Ada");
  const invited = await creates(ada, "Closed doors");

  const bea = await here.person("Bea");
  bea.mayLog(/Failed to load resource/);
  await bea.page.goto("/");
  await bea.field("Meeting ID").fill(invited.id);
  await bea.field("Password").fill(invited.password === "000000" ? "111111" : "000000");
  await bea.button("Join meeting").click();
  await bea.page.getByText(/not the password of this meeting/).waitFor();
  expect((await bea.field("Meeting ID").inputValue()).replaceAll("-", "")).toBe(
    invited.id.replaceAll("-", ""),
  );

  await bea.page.goto(`/join/${"A".repeat(43)}`);
  await bea.page.getByText(/Ask the person who sent it for a new one/).waitFor();
  await bea.looksRight("invitation-ended");
});

journey("refused devices do not keep anybody out", async (here) => {
  const ada = await here.person("Ada");
  const invited = await opens(ada, "No camera");
  const bea = await here.person("Bea", { devices: "refused" });
  await followsLink(bea, invited.link);
  await bea.sees("Ada");
  await bea.hears(1);
  await ada.tile("Bea").waitFor();
});

journey("a second tab of the same person takes the place of the first", async (here) => {
  const ada = await here.person("Ada");
  const invited = await opens(ada, "Two tabs");
  const bea = await here.person("Bea");
  await followsLink(bea, invited.link);
  await ada.sees("Bea");

  const second = await bea.context.newPage();
  await second.goto(invited.link);
  await second.getByRole("button", { name: "Join meeting now" }).click();
  await second.getByRole("toolbar", { name: "Meeting controls" }).waitFor();
  await bea.page
    .getByText(/another (tab|place|window)/i)
    .first()
    .waitFor();
  await ada.sees("Bea");
  expect(await ada.page.getByRole("figure", { name: /^Bea/ }).count()).toBe(1);
  await isInside(ada);
});
