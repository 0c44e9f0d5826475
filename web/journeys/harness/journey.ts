import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { expect, inject, test } from "vitest";
import { out } from "./paths";
import { type Circumstances, Person } from "./person";
import { NodeProgram } from "./program";
import { Rendezvous } from "./rendezvous";

/** What a journey has: its own rendezvous, and as many people as it asks for. */
export class Journey {
  readonly rendezvous: Rendezvous;
  readonly people: Person[] = [];
  readonly nodes: NodeProgram[];
  readonly #browser: Browser;

  constructor(rendezvous: Rendezvous, browser: Browser, helpers: readonly NodeProgram[]) {
    this.rendezvous = rendezvous;
    this.nodes = [...helpers];
    this.#browser = browser;
  }

  /** A new person with an empty browser profile, at no page yet. */
  async person(name: string, circumstances: Circumstances = {}): Promise<Person> {
    const person = await Person.arrive(this.#browser, this.rendezvous.url, name, circumstances);
    this.people.push(person);
    return person;
  }

  /** A native node that runs nothing yet. */
  node(): NodeProgram {
    const node = new NodeProgram(inject("node"));
    this.nodes.push(node);
    return node;
  }
}

export interface Setting {
  /** Further command line flags of the rendezvous. */
  readonly flags?: readonly string[];
  /** Helpers that run beside it, by name; then it has none of its own. */
  readonly helpers?: readonly string[];
  /** Milliseconds for the whole journey. */
  readonly limit?: number;
}

/**
 * A test that walks through the product as people would. It fails as well when
 * a page logs an error or throws; a failure leaves every page's picture and
 * log, and the rendezvous' log, in `.ci/out/journeys`.
 */
export function journey(
  name: string,
  walk: (journey: Journey) => Promise<void>,
  setting: Setting = {},
): void {
  test(name, { timeout: setting.limit ?? 120_000 }, async ({ onTestFailed, signal }) => {
    const browser = await chromium.connect(inject("browser"));
    const helpers = (setting.helpers ?? []).map(() => new NodeProgram(inject("node")));
    const rendezvous = await Rendezvous.start(inject("program"), [
      ...(setting.flags ?? []),
      ...(helpers.length > 0 ? ["--helper=false"] : []),
      ...helpers.flatMap(({ id }) => ["--helper-identity", id]),
    ]);
    const here = new Journey(rendezvous, browser, helpers);
    const evidence = once(() => keepEvidence(here, name));
    // A journey that runs out of time is not told; its pages are still open now.
    signal.addEventListener("abort", evidence);
    onTestFailed(evidence);
    try {
      await help(helpers, setting.helpers ?? [], rendezvous.url);
      await walk(here);
      for (const person of here.people) {
        expect(person.errors, `errors in ${person.name}'s page`).toEqual([]);
      }
    } catch (error) {
      await evidence();
      throw error;
    } finally {
      await Promise.allSettled(here.people.map((person) => person.context.close()));
      await browser.close();
      await Promise.allSettled(here.nodes.map((node) => node.close()));
      await rendezvous.close();
    }
  });
}

/** Starts the helpers and waits until they can be called. */
async function help(helpers: readonly NodeProgram[], names: readonly string[], url: string) {
  for (const [i, helper] of helpers.entries()) {
    helper.start("helper", "--rendezvous", url, "--name", names[i] ?? "Helper", "--uplink", "1G");
    await helper.tells("helping");
  }
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= act();
    return done;
  };
}

async function keepEvidence(here: Journey, name: string): Promise<void> {
  mkdirSync(out, { recursive: true });
  const prefix = `failed-${name.replaceAll(/[^\w]+/g, "-").slice(0, 60)}`;
  writeFileSync(join(out, `${prefix}-rendezvous.log`), `${here.rendezvous.lines.join("\n")}\n`);
  for (const [i, { lines }] of here.nodes.entries()) {
    writeFileSync(join(out, `${prefix}-node-${i + 1}.log`), `${lines.join("\n")}\n`);
  }
  await Promise.allSettled(here.people.map((person) => person.keepEvidence(prefix)));
}
