import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { web } from "./dist";

interface Entry {
  resolved?: string;
  integrity?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const lock = JSON.parse(readFileSync(join(web, "package-lock.json"), "utf8")) as {
  packages: Record<string, Entry>;
};
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");

// A host in the lock file binds every build to that one registry; a missing hash lets any registry decide what is built.
test("the lock file names no registry and every package's hash", () => {
  expect(packages.length).toBeGreaterThan(0);
  expect(packages.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
  expect(packages.filter(([, entry]) => entry.integrity === undefined)).toEqual([]);
});

// npm leaves other platforms' packages out of the file when a registry lacks them, and then refuses the file everywhere.
test("the lock file has every platform's packages", () => {
  const names = new Set(
    packages.map(([path]) => path.slice(path.lastIndexOf("node_modules/") + 13)),
  );
  const wanted = Object.values(lock.packages).flatMap((entry) =>
    Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }),
  );
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
});
