import { expect } from "vitest";
import { eventually } from "./harness/eventually";
import { journey } from "./harness/journey";
import type { Person } from "./harness/person";
import { tapped } from "./harness/wire";
import { followsLink, opens, reads, typesPassword, writes } from "./steps";

const laptop = { width: 800, height: 600 };

/** What the safety code says on somebody's screen, once it is about that many people. */
async function safetyCode(person: Person, people: number): Promise<string> {
  await person.button("End-to-end encrypted").click();
  const dialog = person.page.getByRole("dialog");
  await dialog.getByText(people === 2 ? "Covers both of you" : `Covers all ${people}`).waitFor();
  const code = await dialog.getByRole("group", { name: /^Safety code/ }).textContent();
  await dialog.getByRole("button", { name: "Close" }).click();
  return code ?? "";
}

/** How each of the others came in, as somebody's list of participants shows it. */
async function cameIn(person: Person, name: string, how: string): Promise<void> {
  if (!(await person.page.getByRole("complementary", { name: "Participants" }).isVisible())) {
    await person.button(/^Participants/).click();
  }
  const row = person.page.getByRole("listitem").filter({ hasText: name });
  await row.getByText(how, { exact: true }).waitFor();
}

/** The next meeting that the person creates is entered by invitation only. */
async function wantsInvitations(host: Person): Promise<void> {
  await host.page.route("**/meetings/create", async (route) => {
    const asked = route.request().postDataJSON() as object;
    const postData = JSON.stringify({ ...asked, policy: { entry: "invitation" } });
    await route.continue({ postData });
  });
}

/** The link with one byte of its secret changed. */
function spoiled(link: string): string {
  const [address = "", secret = ""] = link.split("#");
  return `${address}#${secret.startsWith("A") ? "B" : "A"}${secret.slice(1)}`;
}

journey(
  "whoever has the link proves it, and the secret leaves nobody's browser",
  async (here) => {
    const ada = await here.person("Ada", { devices: "small", viewport: laptop });
    const bea = await here.person("Bea", { devices: "small", viewport: laptop });
    const told = [ada, bea].map(({ context }) => tapped(context));
    const invited = await opens(ada, "In confidence");
    await followsLink(bea, invited.link);
    await Promise.all([ada.sees("Bea"), bea.sees("Ada"), ada.hears(), bea.hears()]);
    await writes(ada, "for us alone");
    await reads(bea, "for us alone");
    const both = await Promise.all([ada, bea].map((person) => safetyCode(person, 2)));
    expect(both[0]).toBe(both[1]);

    const cyd = await here.person("Cyd", { devices: "small", viewport: laptop });
    await typesPassword(cyd, invited);
    await Promise.all([ada.sees("Cyd"), cyd.sees("Ada"), cyd.sees("Bea")]);
    const all = await Promise.all([ada, bea, cyd].map((person) => safetyCode(person, 3)));
    expect(new Set(all).size).toBe(1);
    expect(all[0]).not.toBe(both[0]);
    await cameIn(ada, "Bea", "By invitation");
    await cameIn(ada, "Cyd", "By password");
    await cameIn(bea, "Ada", "By invitation");

    const secret = invited.link.split("#")[1] ?? "";
    expect(secret).toHaveLength(43);
    for (const { page } of [ada, bea]) {
      expect(page.url()).not.toContain("#");
      expect(await page.evaluate(() => JSON.stringify(localStorage))).toContain(secret);
    }
    expect(told.map((each) => each.length > 20)).toEqual([true, true]);
    expect(told.flat().filter((text) => text.includes(secret))).toEqual([]);
    expect(told.flat().filter((text) => /"type":"signal"/.test(text)).length).toBeGreaterThan(2);
    expect(told.flat().filter((text) => /fingerprint|ufrag/.test(text))).toEqual([]);
    expect(here.rendezvous.lines.filter((line) => line.includes(secret))).toEqual([]);
  },
  { limit: 60_000 },
);

journey(
  "where entry is by invitation, who cannot prove it stays outside",
  async (here) => {
    const ada = await here.person("Ada", { devices: "small", viewport: laptop });
    await wantsInvitations(ada);
    const invited = await opens(ada, "Invited only");

    const eve = await here.person("Eve", { devices: "small", viewport: laptop });
    await eve.page.goto(spoiled(invited.link));
    await eve.field("Your name").fill("Eve");
    await eve.button("Join meeting now").click();
    await eve.page.getByText(/invitations only/).waitFor();
    await ada.page.getByText(/Eve.* came without the invitation/).waitFor();
    await eventually(
      "nobody is with Ada",
      () => ada.page.getByRole("figure").count(),
      (tiles) => tiles === 1,
    );

    const bea = await here.person("Bea", { devices: "small", viewport: laptop });
    await followsLink(bea, invited.link);
    await Promise.all([ada.sees("Bea"), bea.sees("Ada")]);
  },
  { limit: 60_000 },
);
