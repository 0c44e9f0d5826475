import type { Person } from "./harness/person";

/** What a host reads out or sends to let others in. */
export interface Invited {
  readonly id: string;
  readonly password: string;
  readonly link: string;
}

/** From home to the dialog after creation. */
export async function creates(host: Person, title: string): Promise<Invited> {
  await host.page.goto("/");
  await host.field("Meeting title").fill(title);
  await host.button("Create a meeting").click();
  const dialog = host.page.getByRole("dialog");
  const read = async (label: string) =>
    ((await dialog.getByLabel(label, { exact: true }).textContent()) ?? "").trim();
  await dialog.getByRole("button", { name: "Start meeting" }).waitFor();
  return {
    id: await read("Meeting ID"),
    password: await read("Password"),
    link: await read("Invitation link"),
  };
}

/** Until the room's toolbar is there. */
export async function isInside(person: Person): Promise<void> {
  await person.page.getByRole("toolbar", { name: "Meeting controls" }).waitFor();
}

/** Creates a meeting and starts it. */
export async function opens(host: Person, title: string): Promise<Invited> {
  await remembers(host);
  const invited = await creates(host, title);
  await host.button("Start meeting").click();
  await isInside(host);
  return invited;
}

/** Gives the browser a name from last time, so that nothing has to be typed. */
async function remembers(person: Person): Promise<void> {
  await person.page.goto("/");
  await person.page.evaluate(
    (name) => localStorage.setItem("parley.name", JSON.stringify(name)),
    person.name,
  );
}

/** Opens the link and joins: two clicks, the first being the link. */
export async function followsLink(person: Person, link: string): Promise<void> {
  await person.page.goto(link);
  await person.field("Your name").fill(person.name);
  await person.button("Join meeting now").click();
  await isInside(person);
}

/** Types ID and password at home. */
export async function typesPassword(person: Person, invited: Invited): Promise<void> {
  await person.page.goto("/");
  await person.field("Meeting ID").fill(invited.id);
  await person.field("Password").fill(invited.password);
  await person.button("Join meeting").click();
  await person.field("Your name").fill(person.name);
  await person.button("Join meeting now").click();
  await isInside(person);
}

/** Opens the chat when it is closed, and writes a line. */
export async function writes(person: Person, text: string): Promise<void> {
  const field = person.page.getByRole("textbox", { name: "Message" });
  if (!(await field.isVisible())) {
    await person.button(/^Chat/).click();
  }
  await field.fill(text);
  await field.press("Enter");
}

/** Waits until a line of chat is on the screen. */
export async function reads(person: Person, text: string): Promise<void> {
  const log = person.page.getByRole("log", { name: "Chat" });
  if (!(await log.isVisible())) {
    await person.button(/^Chat/).click();
  }
  await log.getByText(text, { exact: true }).waitFor();
}
