import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { flaws, shoot } from "./harness/looks";
import { out, root } from "./harness/paths";

/**
 * The interface on a pretended app (`src/ui/fixture`): states that a meeting
 * between two cores seldom shows, such as refusals, hostile names and full rooms.
 */
let server: PreviewServer;
let browser: Browser;
let screens: readonly Screen[];
const built = mkdtempSync(join(tmpdir(), "parley-scenes-"));

/** A screen on which every scene is shown, one after another, each as a new browser's first visit. */
interface Screen {
  readonly width: number;
  readonly scheme: Scheme;
  readonly page: Page;
  /** What was thrown in it since the scene began. */
  readonly thrown: string[];
}

type Scheme = "dark" | "light";

const sizes = [
  { width: 360, height: 640, scheme: "dark" },
  { width: 1440, height: 900, scheme: "light" },
] as const;

/** Built and not served file by file: each scene is loaded anew. */
beforeAll(async () => {
  const configFile = join(root, "web", "vite.config.ts");
  const logLevel = "error";
  const input = join(root, "web", "src/ui/fixture/index.html");
  await build({
    configFile,
    logLevel,
    build: { outDir: built, minify: false, rolldownOptions: { input } },
  });
  server = await preview({
    configFile,
    logLevel,
    build: { outDir: built },
    preview: { port: 0, strictPort: false, proxy: {} },
  });
  browser = await chromium.connect(inject("browser"));
  screens = await Promise.all(sizes.map(screen));
  mkdirSync(out, { recursive: true });
});

async function screen({ width, height, scheme }: (typeof sizes)[number]): Promise<Screen> {
  const context = await browser.newContext({
    viewport: { width, height },
    reducedMotion: "reduce",
    locale: "en-GB",
  });
  await context.addInitScript(() => localStorage.clear());
  const page = await context.newPage();
  const thrown: string[] = [];
  page.on("pageerror", (error) => thrown.push(error.message));
  return { width, scheme, page, thrown };
}

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(built, { recursive: true, force: true });
});

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** Presses a control of the toolbar, wherever it fits. */
const control = (name: string) => async (page: Page) => {
  await page.getByRole("toolbar").waitFor();
  if (!(await button(page, name).isVisible())) {
    await button(page, "More").click();
  }
  await button(page, name).click();
};

/** Opens the safety code. */
const lock = async (page: Page) => {
  await button(page, "End-to-end encrypted").click();
  await page.getByRole("dialog").waitFor();
};

const answers = (answer: string) => async (page: Page) => {
  await lock(page);
  await button(page, answer).click();
};

/** Asks how somebody came in. */
const asks = (way: string, which: number) => async (page: Page) => {
  await control("Participants")(page);
  await page.getByRole("button", { name: way }).nth(which).click();
};

const removes = (name: string) => async (page: Page) => {
  await control("Participants")(page);
  await button(page, `More for ${name}`).click();
  await button(page, "Remove…").click();
  await page.getByRole("checkbox", { name: "Keep them from coming back" }).check();
};

/** What is shown, with how many people, and what is pressed before one looks. */
const stops: readonly (readonly [string, number, string, (page: Page) => Promise<void>])[] = [
  ["home-empty", 0, "as it is", async () => {}],
  ["home-failed", 0, "as it is", async () => {}],
  ["home-long", 0, "as it is", async () => {}],
  ["home", 0, "the name", (page) => page.getByRole("button", { name: /Change name/ }).click()],
  ["home", 0, "nothing typed", (page) => button(page, "Create a meeting").click()],
  ["home", 0, "a meeting's menu", (page) => button(page, "More for Design review").click()],
  [
    "home",
    0,
    "deleting",
    async (page) => {
      await button(page, "More for Design review").click();
      await button(page, "Delete…").click();
    },
  ],
  ["landing-bare", 0, "as it is", async () => {}],
  ["landing-long", 0, "password shown", (page) => button(page, "Show password").click()],
  ["landing-ended", 0, "as it is", async () => {}],
  ["lobby", 0, "as it is", async () => {}],
  ["password", 0, "as it is", async () => {}],
  ["room-missing", 0, "as it is", async () => {}],
  ["missing", 0, "as it is", async () => {}],
  ["room", 1, "as it is", async () => {}],
  ["room", 25, "as it is", async () => {}],
  ["room", 6, "speaker view", (page) => page.keyboard.press("l")],
  ["room", 6, "more", (page) => button(page, "More").click()],
  ["room", 6, "devices", control("Devices")],
  ["sharing", 9, "as it is", async () => {}],
  ["awkward", 6, "chat", control("Chat")],
  ["awkward", 6, "participants", control("Participants")],
  ["awkward", 6, "connections", control("Connections")],
  ["guest", 4, "invite", control("Invite")],
  ["recorded", 6, "as it is", async () => {}],
  ["node", 6, "connections", control("Connections")],
  ["helper", 5, "connections", control("Connections")],
  ["helper", 5, "participants", control("Participants")],
  ["chosen", 6, "participants", control("Participants")],
  ["busy", 6, "as it is", async () => {}],
  [
    "busy",
    6,
    "removing",
    async (page) => {
      await control("Participants")(page);
      await button(page, "More for Bea").click();
      await button(page, "Remove…").click();
    },
  ],
  ["room", 4, "safety code", lock],
  ["room", 4, "compared", answers("It matches")],
  [
    "room",
    4,
    "compared and renewed",
    async (page) => {
      await answers("It matches")(page);
      await page.keyboard.press("Escape");
      await removes("Dan")(page);
      await page.getByRole("checkbox", { name: "Renew password and invitation" }).uncheck();
      await button(page, "Remove").click();
      await lock(page);
    },
  ],
  ["room", 4, "does not match", answers("It does not match")],
  [
    "room",
    4,
    "does not match, closed",
    async (page) => {
      await answers("It does not match")(page);
      await page.keyboard.press("Escape");
    },
  ],
  ["room", 1, "safety code alone", lock],
  ["agreeing", 4, "safety code", lock],
  ["alarm", 6, "as it is", async () => {}],
  ["alarms", 6, "as it is", async () => {}],
  ["alarms", 6, "participants", control("Participants")],
  ["apart", 4, "as it is", async () => {}],
  ["entered", 5, "as it is", async () => {}],
  ["entered", 5, "by password", asks("By password", 0)],
  ["entered", 5, "by invitation", asks("By invitation", 1)],
  ["by-password", 4, "participants", control("Participants")],
  ["no-secret", 3, "participants", control("Participants")],
  [
    "no-secret",
    3,
    "completed",
    async (page) => {
      await control("Participants")(page);
      await button(page, "Complete the invitation").click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  ["no-secret-guest", 3, "participants", control("Participants")],
  ["room", 4, "removing and renewing", removes("Bea")],
  [
    "room",
    4,
    "renewed",
    async (page) => {
      await removes("Bea")(page);
      await button(page, "Remove").click();
      await page.getByRole("heading", { name: /new invitation/ }).waitFor();
    },
  ],
  ["landing-no-secret", 0, "as it is", async () => {}],
  ["landing-unable", 0, "as it is", async () => {}],
  ["home-unable", 0, "as it is", async () => {}],
  [
    "refused-entry",
    0,
    "as it is",
    async (page) => {
      await page.getByLabel("Password").fill("204815");
      await button(page, "Continue").click();
      await page.getByRole("heading", { name: /invitations only/ }).waitFor();
    },
  ],
  ["waiting", 1, "as it is", async () => {}],
  ["over", 1, "as it is", async () => {}],
];

/** Whose colours mean something: who records, which line is slow, who carries the room. */
const inBothSchemes = [
  "recorded",
  "node",
  "helper",
  "chosen",
  "alarm",
  "entered",
  "no-secret",
  "landing-unable",
];

test.each(stops)("%s of %i, %s", async (scene, people, what, press) => {
  const origin = server.resolvedUrls?.local[0] ?? "";
  const address = `${origin}src/ui/fixture/index.html?scene=${scene}&people=${people}`;
  const ends = await Promise.allSettled(
    screens.map(async ({ width, scheme, page, thrown }) => {
      thrown.length = 0;
      await page.mouse.move(0, 0);
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(address);
      await page.locator("main").waitFor();
      await press(page);
      const name = `scene-${scene}-${people}-${what.replaceAll(/\W+/g, "-")}-${width}`;
      const looksRight = async (colorScheme: Scheme) => {
        await shoot(page, `${name}-${colorScheme}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(thrown).toEqual([]);
        expect(await flaws(page), `axe at ${width}, ${colorScheme}`).toEqual([]);
        expect(wide, "it scrolls sideways").toBeLessThanOrEqual(width);
      };
      await looksRight(scheme);
      if (inBothSchemes.includes(scene)) {
        const other = scheme === "dark" ? "light" : "dark";
        await page.emulateMedia({ colorScheme: other });
        await looksRight(other);
      }
    }),
  );
  // Not before both have ended: the next scene begins on the same pages.
  for (const end of ends) {
    if (end.status === "rejected") {
      throw end.reason;
    }
  }
});
