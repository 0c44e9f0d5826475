import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import chromiums from "../../bench/chromium.json";
import { out, root } from "./paths";

declare module "vitest" {
  export interface ProvidedContext {
    /** The rendezvous' program, built from this tree. */
    program: string;
    /** `parley-node`, built from this tree. */
    node: string;
    /** Where the one Chromium of this run listens. */
    browser: string;
  }
}

function findChromium(): string {
  const found = process.env["CHROMIUM"] ?? chromiums.places.find((place) => existsSync(place));
  if (found === undefined) {
    throw new Error("no Chromium found: install it, or name it in the environment as CHROMIUM");
  }
  return found;
}

/** The program of that name, built from this tree unless the environment names one. */
function programOf(name: string, named: string | undefined, folder: string): string {
  if (named !== undefined) {
    return named;
  }
  const program = join(folder, name);
  execFileSync("go", ["build", "-o", program, `./cmd/${name}`], {
    cwd: root,
    env: { ...process.env, CGO_ENABLED: "0" },
    stdio: "inherit",
  });
  return program;
}

/** Builds the programs, unless PARLEY_RENDEZVOUS_BINARY and PARLEY_NODE_BINARY name them, and starts the browser. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "parley-journeys-"));
  const { PARLEY_RENDEZVOUS_BINARY: rendezvous, PARLEY_NODE_BINARY: node } = process.env;
  project.provide("program", programOf("parley-rendezvous", rendezvous, folder));
  project.provide("node", programOf("parley-node", node, folder));
  const browser = await chromium.launchServer({
    executablePath: findChromium(),
    headless: true,
    args: chromiums.flags,
  });
  project.provide("browser", browser.wsEndpoint());
  return async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  };
}
