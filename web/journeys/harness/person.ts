import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { type Devices, setDevices } from "./devices";
import { patience } from "./eventually";
import { look } from "./looks";
import { out } from "./paths";
import { hears, seesFrames, tile, type Watched, watch } from "./senses";

export interface Circumstances {
  readonly devices?: Devices;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: "dark" | "light";
}

/** Somebody with a browser profile of their own: identity, storage, permissions, one page. */
export class Person {
  readonly name: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Everything that the page logged or that failed in it. */
  readonly log: string[] = [];
  readonly #errors: string[] = [];
  readonly #allowed: RegExp[] = [];

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name;
    this.context = context;
    this.page = page;
    page.on("console", (message) => {
      const line = `${message.type()}: ${message.text()} (${message.location().url})`;
      this.log.push(line);
      if (message.type() === "error") {
        this.#errors.push(line);
      }
    });
    page.on("pageerror", (error) => {
      const line = `uncaught: ${error.stack ?? error.message}`;
      this.log.push(line);
      this.#errors.push(line);
    });
    page.on("requestfailed", (request) => {
      this.log.push(
        `failed: ${request.method()} ${request.url()}: ${request.failure()?.errorText}`,
      );
    });
  }

  static async arrive(
    browser: Browser,
    origin: string,
    name: string,
    circumstances: Circumstances,
  ): Promise<Person> {
    const devices = circumstances.devices ?? "all";
    const context = await browser.newContext({
      baseURL: origin,
      viewport: circumstances.viewport ?? { width: 1280, height: 800 },
      colorScheme: circumstances.colorScheme ?? "dark",
      locale: "en-GB",
    });
    await context.grantPermissions(["camera", "microphone", "clipboard-read", "clipboard-write"], {
      origin,
    });
    context.setDefaultTimeout(patience);
    await setDevices(context, devices);
    return new Person(name, context, await context.newPage());
  }

  /** An error that this journey provokes on purpose and that the browser logs. */
  mayLog(pattern: RegExp): void {
    this.#allowed.push(pattern);
  }

  /** Errors in the page that nothing in the journey accounts for. */
  get errors(): string[] {
    return this.#errors.filter((line) => !this.#allowed.some((pattern) => pattern.test(line)));
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole(
      "button",
      typeof name === "string" ? { name, exact: true } : { name },
    );
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  tile(name: string): Locator {
    return tile(this.page, name);
  }

  async sees(name: string): Promise<void> {
    await seesFrames(this.page, name);
  }

  /** Watches a tile from now on; the function that it returns stops and tells. */
  async watches(name: string): Promise<() => Promise<Watched>> {
    return await watch(this.page, name);
  }

  /** Sound from that many others at once, each on an audio element of its own. */
  async hears(voices = 1): Promise<void> {
    await hears(this.page, voices);
  }

  /** Takes the page's pictures as `SHOT-…` and holds it to axe and to its width in each. */
  async looksRight(shot: string): Promise<void> {
    expect(await look(this.page, shot), `what is wrong with ${shot}`).toEqual([]);
  }

  /** Compressed bytes of the scripts that the page has loaded so far. */
  async scriptBytes(): Promise<number> {
    const addresses = await this.page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .map((entry) => entry.name)
        .filter((name) => new URL(name).pathname.endsWith(".js")),
    );
    const sizes = [...new Set(addresses)].map(async (address) => {
      const answer = await fetch(address);
      return gzipSync(Buffer.from(await answer.arrayBuffer()), { level: 9 }).length;
    });
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  /** Leaves what is on the screen and in the log behind, for whoever looks into a failure. */
  async keepEvidence(prefix: string): Promise<void> {
    const path = join(out, `${prefix}-${this.name}`);
    writeFileSync(`${path}.log`, `${this.page.url()}\n${this.log.join("\n")}\n`);
    await this.page.screenshot({ path: `${path}.png`, timeout: patience }).catch(() => undefined);
  }
}
