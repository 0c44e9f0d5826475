import { expect } from "vitest";
import { clear } from "../src/e2ee/frame";
import { parseHeader } from "../src/e2ee/sframe";
import { Enemy } from "./harness/enemy";
import { eventually } from "./harness/eventually";
import { type Arrived, recorded, records } from "./harness/frames";
import { journey } from "./harness/journey";
import type { Person } from "./harness/person";
import { holdsPaths, noteConnections, received } from "./harness/traffic";
import { tapped } from "./harness/wire";
import { followsLink, isInside, opens, reads, typesPassword, writes } from "./steps";

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

/** From the list of participants, without a ban; `renewing` has the invitation made new, and answers with its link. */
async function removes(host: Person, name: string, renewing = false): Promise<string> {
  const list = host.page.getByRole("complementary", { name: "Participants" });
  if (!(await list.isVisible())) {
    await host.button(/^Participants/).click();
  }
  await host.button(`More for ${name}`).click();
  await host.button("Remove…").click();
  const dialog = host.page.getByRole("dialog");
  if (renewing) {
    await dialog.getByRole("checkbox", { name: "Renew password and invitation" }).check();
  }
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  return renewing ? await newLink(host, /new invitation/) : "";
}

/** The link that a dialog shows, which is closed then. */
async function newLink(host: Person, heading: RegExp): Promise<string> {
  const dialog = host.page.getByRole("dialog");
  await dialog.getByRole("heading", { name: heading }).waitFor();
  const link = await dialog.getByLabel("Invitation link", { exact: true }).textContent();
  await host.page.keyboard.press("Escape");
  return (link ?? "").trim();
}

journey(
  "who was removed decrypts nothing of what goes on arriving, and who comes later nothing from before",
  async (here) => {
    const arrive = async (name: string) => {
      const person = await here.person(name, { devices: "small", viewport: laptop });
      await noteConnections(person.page);
      await holdsPaths(person.page);
      return person;
    };
    const [ada, bea, cyd] = [await arrive("Ada"), await arrive("Bea"), await arrive("Cyd")];
    const front = await Enemy.before(cyd);
    const invited = await opens(ada, "Once inside");
    await followsLink(bea, invited.link);
    await followsLink(cyd, invited.link);
    await Promise.all([cyd.sees("Ada"), cyd.sees("Bea"), bea.sees("Ada")]);
    await writes(ada, "while Cyd is here");
    await reads(cyd, "while Cyd is here");

    front.holdsOn = true;
    front.change = () => [];
    await removes(ada, "Cyd");
    await Promise.all(
      [ada, bea].map(({ page }) =>
        page.getByRole("figure", { name: /^Cyd/ }).waitFor({ state: "detached" }),
      ),
    );
    // The epoch without Cyd is in use 250 ms after everybody can have it.
    const settles = async () => {
      let before = await received(cyd.page);
      await eventually(
        "Cyd decodes nothing more",
        async () => {
          const last = before;
          await cyd.page.waitForTimeout(500);
          before = await received(cyd.page);
          return before.frames - last.frames;
        },
        (frames) => frames === 0,
      );
      return before;
    };
    const before = await settles();
    const after = await eventually(
      "what is sent goes on arriving",
      () => received(cyd.page),
      ({ packets }) => packets > before.packets + 300,
    );
    expect(after.frames, "pictures that Cyd decoded").toBe(before.frames);
    await Promise.all([ada.sees("Bea"), bea.sees("Ada")]);

    await writes(ada, "without Cyd");
    const dan = await here.person("Dan", { devices: "small", viewport: laptop });
    await followsLink(dan, invited.link);
    await reads(dan, "without Cyd");
    await writes(ada, "with Dan");
    await reads(dan, "with Dan");
    expect(await dan.page.getByText("while Cyd is here").count()).toBe(0);
  },
  { limit: 90_000 },
);

/** The counter of a sealed frame and whose it says to be, by what every source is numbered with; nothing for one in the clear. */
function sealing({ kind, begins }: Arrived) {
  const bytes = new Uint8Array(begins);
  const header = parseHeader(bytes.subarray(clear(kind === "audio" ? "opus" : "vp8", bytes)));
  const source = header && header.kid % 16;
  const ofKind = kind === "audio" ? [0, 3] : [1, 2];
  return header && ofKind.includes(source ?? -1)
    ? { ctr: header.ctr, session: Math.floor(header.kid / 16) }
    : undefined;
}

// Chromium sends in the clear what a sender encodes before its transform is set.
journey("every frame is sealed, from the very first one on", async (here) => {
  const ada = await here.person("Ada", { devices: "small", viewport: laptop });
  const bea = await here.person("Bea", { devices: "small", viewport: laptop });
  await Promise.all([records(ada.page), records(bea.page)]);
  const invited = await opens(ada, "From the first frame");
  await followsLink(bea, invited.link);
  for (const { name, page } of [ada, bea]) {
    const frames = await eventually(
      `enough arrives at ${name}`,
      () => recorded(page),
      (all) =>
        ["audio", "video"].every((kind) => all.filter((each) => each.kind === kind).length > 20),
    );
    const open = frames.filter((frame) => sealing(frame) === undefined);
    expect(open, `frames in the clear that ${name} got`).toEqual([]);
    expect(new Set(frames.map((frame) => sealing(frame)?.session)).size).toBe(1);
    // A packet that is sent again, to probe the network, brings the same frame; a counter, never another.
    const counted = frames.map((frame) => `${frame.line} ${sealing(frame)?.ctr}`);
    const frame = frames.map(({ line, begins }) => `${line} ${begins}`);
    expect(new Set(frame).size, "different frames").toBe(new Set(counted).size);
  }
});

/** Has the person make a meeting as a program would, with the browser's identity: nobody makes a secret then. */
async function createsByRequest({ page }: Person, title: string): Promise<string> {
  const asking = page.waitForRequest("**/meetings/my-meetings");
  await page.goto("/");
  const { authorization = "" } = await (await asking).allHeaders();
  const made = await page.request.post("/meetings/create", {
    headers: { authorization },
    data: { title },
  });
  const { invitation_link } = (await made.json()) as { invitation_link: string };
  return invitation_link;
}

journey("a meeting made without a secret gets one from its host", async (here) => {
  const ada = await here.person("Ada", { devices: "small", viewport: laptop });
  const bea = await here.person("Bea", { devices: "small", viewport: laptop });
  const bare = await createsByRequest(ada, "By request");
  expect(bare).not.toContain("#");
  await followsLink(ada, bare);
  await ada.button(/^Participants/).click();
  await ada.button("Complete the invitation").click();
  const whole = await newLink(ada, /is complete/);
  expect(whole).toMatch(/#[\w-]{43}$/);
  expect(whole.split("#")[0]).toBe(bare);
  await followsLink(bea, whole);
  await cameIn(ada, "Bea", "By invitation");
  await cameIn(bea, "Ada", "By invitation");
});

journey(
  "an invitation that was renewed proves nothing more, but to who was inside",
  async (here) => {
    const arrive = (name: string) => here.person(name, { devices: "small", viewport: laptop });
    const [ada, bea, cyd] = [await arrive("Ada"), await arrive("Bea"), await arrive("Cyd")];
    const before = (await opens(ada, "Renewed")).link;
    await Promise.all([followsLink(bea, before), followsLink(cyd, before)]);
    await cameIn(ada, "Bea", "By invitation");
    await cameIn(ada, "Cyd", "By invitation");
    const after = await removes(ada, "Bea", true);
    expect(after.split("#")[0]).not.toBe(before.split("#")[0]);

    await ada.page.reload();
    await isInside(ada);
    await cameIn(ada, "Cyd", "By invitation");
    await followsLink(bea, `${after.split("#")[0]}#${before.split("#")[1]}`);
    await cameIn(ada, "Bea", "By password");
    await followsLink(bea, after);
    await cameIn(ada, "Bea", "By invitation");

    // Cyd was inside when the first one was renewed, and is sent away by the next renewal.
    const last = await removes(ada, "Cyd", true);
    await ada.page.reload();
    await isInside(ada);
    await cameIn(ada, "Bea", "By invitation");
    await followsLink(cyd, `${last.split("#")[0]}#${before.split("#")[1]}`);
    await cameIn(ada, "Cyd", "By password");
  },
);
