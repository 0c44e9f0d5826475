import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { web } from "./dist";

interface Lock {
  packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }>;
}

// A host in the lock file binds every build to that one registry; a missing hash lets any registry decide what is built.
test("the lock file names no registry and every package's hash", () => {
  const lock = JSON.parse(readFileSync(join(web, "package-lock.json"), "utf8")) as Lock;
  const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
  expect(packages.length).toBeGreaterThan(0);
  expect(packages.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
  expect(packages.filter(([, entry]) => entry.integrity === undefined)).toEqual([]);
});
