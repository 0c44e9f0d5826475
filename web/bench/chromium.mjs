import { existsSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const { places, flags } = JSON.parse(readFileSync(new URL("chromium.json", import.meta.url)));

/** The system's Chromium, without a window, with a fake camera and microphone that it asks nobody for. */
export function launch() {
  const executablePath = process.env.CHROMIUM ?? places.find((place) => existsSync(place));
  if (executablePath === undefined) {
    throw new Error("no Chromium found: install it, or name it in the environment as CHROMIUM");
  }
  return chromium.launch({ executablePath, args: flags });
}
