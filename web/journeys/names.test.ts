import { journey } from "./harness/journey";
import { creates, isInside } from "./steps";

journey("nobody has to give a name: two clicks are two clicks", async (here) => {
  const host = await here.person("Ada");
  const invited = await creates(host, "Nameless");
  // Who has no name yet is offered to give one, and is not kept from starting.
  await host.looksRight("created-nameless");
  await host.page.getByRole("dialog").getByLabel("Your name", { exact: true }).fill("Ada");
  await host.button("Start meeting").click();
  await isInside(host);

  const guest = await here.person("Guest");
  await guest.page.goto(invited.link);
  await guest.button("Join meeting now").click();
  await isInside(guest);
  await guest.sees("Ada");
  await host.sees("Guest");
});
