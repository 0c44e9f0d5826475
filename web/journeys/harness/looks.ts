import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { out } from "./paths";

/** The sizes and schemes in which every page is looked at. */
const sizes = [
  { width: 360, height: 640 },
  { width: 1440, height: 900 },
] as const;
const schemes = ["dark", "light"] as const;

const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds wrong with the page as it stands, a sentence each. */
export async function flaws(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) {
    await page.evaluate(axe.source);
  }
  const found = await page.evaluate((tags) => {
    const { axe: engine } = window as unknown as { axe: typeof axe };
    return engine.run(document, { runOnly: { type: "tag", values: tags } });
  }, rules);
  return found.violations.flatMap((violation) =>
    violation.nodes.map(
      (node) =>
        `${violation.id}: ${violation.help}: ${node.target.join(" ")}: ${node.html.slice(0, 160)}`,
    ),
  );
}

/** Waits until what is on the way to the screen has arrived: fonts, and every motion that ends. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const ending = document
      .getAnimations()
      .filter(
        (motion) => motion.effect?.getComputedTiming().iterations !== Number.POSITIVE_INFINITY,
      );
    await Promise.allSettled(ending.map((motion) => motion.finished));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  });
}

/** Takes the page's picture as `NAME.png`, packed for speed: packing it small costs twice the time. */
export async function shoot(page: Page, name: string): Promise<void> {
  await settled(page);
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { optimizeForSpeed: true });
  await session.detach();
  writeFileSync(join(out, `${name}.png`), data, "base64");
}

/**
 * Takes the page's picture on a phone and on a desk, dark and light, as
 * `NAME-WIDTH-SCHEME.png`, and returns what is wrong with it in any of them:
 * axe's findings, and content wider than the screen.
 */
export async function look(page: Page, name: string): Promise<string[]> {
  mkdirSync(out, { recursive: true });
  const before = page.viewportSize();
  const wrong: string[] = [];
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      const shot = `${name}-${size.width}-${colorScheme}`;
      await shoot(page, shot);
      const found = await flaws(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > size.width) {
        found.push(`the page is ${width} pixels wide and scrolls sideways`);
      }
      wrong.push(...found.map((flaw) => `${shot}: ${flaw}`));
    }
  }
  await page.emulateMedia({ colorScheme: null });
  if (before !== null) {
    await page.setViewportSize(before);
  }
  return wrong;
}
