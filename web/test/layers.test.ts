import { describe, expect, test } from "vitest";
import { imports, type Source, sources } from "./sources";

interface Layer {
  /** The folders it may import, beside itself. */
  readonly below: readonly string[];
  /** The packages it may import. */
  readonly packages: readonly string[];
  /** Why it may import no more. */
  readonly because: string;
}

/** The order of `src`: ui → session → {link, media} → e2ee → room → protocol. */
const layers: Readonly<Record<string, Layer>> = {
  protocol: {
    below: [],
    packages: ["valibot"],
    because: "messages are plain data that Go shares: no browser, no state, no other layer",
  },
  room: {
    below: ["protocol"],
    packages: [],
    because: "the room is a pure value that replays the same vectors as pkg/room",
  },
  e2ee: {
    below: ["protocol", "room"],
    packages: ["@hpke/core", "@hpke/hybridkem-x-wing"],
    because: "who may decrypt what is decided without knowing links, devices or screens",
  },
  link: {
    below: ["protocol", "room", "e2ee"],
    packages: ["@preact/signals-core"],
    because: "a link carries sources and slots; what they are for is the session's to know",
  },
  media: {
    below: ["protocol", "room"],
    packages: ["@preact/signals-core"],
    because: "devices and levels are the same for every meeting",
  },
  session: {
    below: ["protocol", "room", "e2ee", "link", "media"],
    packages: ["@preact/signals-core", "idb-keyval"],
    because: "the one owner of state must run, and be tested, without a page",
  },
  style: {
    below: [],
    packages: [],
    because: "tokens and the base are style sheets alone",
  },
  ui: {
    below: ["session", "style"],
    packages: ["preact", "@preact/signals", "lucide-preact", "uqr"],
    because: "components read signals and send commands: no connection, device or message there",
  },
  "main.tsx": {
    below: ["ui", "style", "session"],
    packages: ["preact"],
    because: "it mounts the page and nothing else",
  },
};

const testOnly = ["vitest", "fast-check"];

function packageName(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
}

/** What `source` imports although its layer may not, each as a sentence. */
function offences(source: Source): string[] {
  const own = source.path.split("/")[0] ?? source.path;
  const layer = layers[own];
  if (layer === undefined) {
    return [`${source.path}: src/${own} has no layer: give it one here`];
  }
  const isTest = /\.test\.tsx?$/.test(source.path);
  return imports(source)
    .filter((target) => {
      const inTree = Object.keys(layers).find((name) => target.split("/")[0] === name);
      if (inTree !== undefined) {
        return inTree !== own && !layer.below.includes(inTree);
      }
      if (isTest && (target.startsWith("node:") || target.startsWith("../"))) {
        return false;
      }
      const name = packageName(target);
      return !(layer.packages.includes(name) || (isTest && testOnly.includes(name)));
    })
    .map((target) => `${source.path} imports ${target}, but ${layer.because}`);
}

describe("imports go strictly down", () => {
  // Guards the order above: one import the wrong way ties the pure core to the browser, or a component to a connection.
  test.each(sources(".ts", ".tsx"))("$path", (source) => {
    expect(offences(source)).toEqual([]);
  });

  // The check itself must see each kind of import, or it passes for nothing.
  test.each([
    ["room/step.ts", 'import { x } from "../session/model";'],
    ["protocol/codec.ts", 'export { y } from "../room/state";'],
    ["ui/room/Tile.tsx", 'const link = await import("../../link/peer");'],
    ["link/peer.ts", 'import type { Model } from "../session/model";'],
    ["room/step.ts", 'import * as v from "valibot";'],
    ["session/run.ts", 'import "preact/hooks";'],
    ["helpers/a.ts", ""],
  ])("refuses in %s: %s", (path, text) => {
    expect(offences({ path, text })).toHaveLength(1);
  });

  test.each([
    [
      "ui/room/Tile.tsx",
      'import { Mic } from "lucide-preact";\nimport css from "./Tile.module.css";',
    ],
    ["session/run.ts", 'import { step } from "../room/step";'],
    ["room/step.test.ts", 'import { test } from "vitest";\nimport fs from "node:fs";'],
  ])("lets through in %s", (path, text) => {
    expect(offences({ path, text })).toEqual([]);
  });
});
