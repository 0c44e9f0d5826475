import { journey } from "./harness/journey";
import type { Person } from "./harness/person";
import { isInside } from "./steps";

/** Presses Tab until the control with that name has the focus, as somebody without a mouse would. */
async function tabsTo(person: Person, role: string, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await person.page.keyboard.press("Tab");
    const focused = person.page.locator(":focus");
    const found = person.page.getByRole(role as "button", { name }).and(focused);
    if ((await found.count()) > 0) {
      return;
    }
  }
  throw new Error(`no Tab reaches the ${role} ${name}`);
}

journey("from home to chat to leave with the keyboard alone", async (here) => {
  const ada = await here.person("Ada");
  const { keyboard } = ada.page;
  await ada.page.goto("/");
  await tabsTo(ada, "textbox", /^Meeting title$/);
  await keyboard.type("No mouse");
  await tabsTo(ada, "button", /^Create a meeting$/);
  await keyboard.press("Enter");
  await ada.button("Start meeting").waitFor();
  await tabsTo(ada, "button", /^Start meeting$/);
  await keyboard.press("Enter");
  await isInside(ada);

  // Single keys, as the help lists them.
  await ada.button("Mute microphone").waitFor();
  await keyboard.press("m");
  await ada.button("Unmute microphone").waitFor();
  await keyboard.press("v");
  await ada.button("Turn camera on").waitFor();
  await keyboard.press("c");
  await ada.page
    .getByRole("textbox", { name: "Message" })
    .and(ada.page.locator(":focus"))
    .waitFor();
  await keyboard.type("typed without a mouse, m and v too");
  await keyboard.press("Enter");
  await ada.page
    .getByRole("log", { name: "Chat" })
    .getByText("typed without a mouse, m and v too")
    .waitFor();
  await ada.button("Unmute microphone").waitFor();
  await keyboard.press("Escape");
  await ada.page.getByRole("log", { name: "Chat" }).waitFor({ state: "detached" });
  await keyboard.press("?");
  await ada.page.getByRole("dialog").waitFor();
  await keyboard.press("Escape");
  await isInside(ada);

  await tabsTo(ada, "button", /^Leave$/);
  await keyboard.press("Enter");
  await ada.page.getByRole("heading", { name: /left/i }).waitFor();
});
