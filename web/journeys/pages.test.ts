import { journey } from "./harness/journey";
import { creates, followsLink, isInside, opens, typesPassword, writes } from "./steps";

journey(
  "every page and dialog looks right",
  async (here) => {
    const ada = await here.person("Ada");
    await ada.page.goto("/");
    await ada.page.evaluate(() => localStorage.setItem("parley.name", '"Ada"'));
    await creates(ada, "Team standup");
    await ada.looksRight("created");
    await ada.page.goto("/");
    await ada.page.getByText("Team standup").first().waitFor();
    await ada.looksRight("home-with-meetings");

    const invited = await opens(ada, "Team standup");
    const bea = await here.person("Bea");
    await bea.page.goto(invited.link);
    await bea.button("Join meeting now").waitFor();
    await bea.looksRight("landing");
    await followsLink(bea, invited.link);
    const cyd = await here.person("Cyd", { devices: "none" });
    await typesPassword(cyd, invited);
    await ada.sees("Bea");
    await ada.looksRight("room");

    await ada.button("End-to-end encrypted").click();
    await ada.button("It matches").waitFor();
    await ada.looksRight("room-safety-code");
    await ada.page.keyboard.press("Escape");

    await writes(ada, "Good morning, everybody.");
    await ada.looksRight("room-chat");
    for (const panel of ["Participants", "Invite", "Connections"]) {
      await ada.button(new RegExp(`^${panel}`)).click();
      await ada.looksRight(`room-${panel.toLowerCase()}`);
    }
    await ada.page.keyboard.press("Escape");
    await bea.button("Share screen").click();
    await ada.sees("Bea, screen");
    await ada.looksRight("room-screen");
    await ada.page.keyboard.press("?");
    await ada.page.getByRole("dialog").waitFor();
    await ada.looksRight("keys");
    await ada.page.keyboard.press("Escape");
    await isInside(ada);
    await ada.button("Leave").click();
    await ada.page.getByRole("heading", { name: /left/i }).waitFor();
    await ada.looksRight("left");
  },
  { limit: 300_000 },
);
