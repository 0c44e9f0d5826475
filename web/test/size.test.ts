import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { firstScripts, isServed, named, page, served } from "./dist";

/** Compressed bytes of script before the first page is painted. */
const budget = 60 * 1024;

// Guards against a library or a page slipping into what everybody loads first.
test("what the page loads at once is under 60 KB of compressed script", () => {
  const sizes = firstScripts(page()).map((path) => ({
    path,
    bytes: gzipSync(served(path), { level: 9 }).length,
  }));
  const total = sizes.reduce((sum, size) => sum + size.bytes, 0);
  expect(sizes.length, "index.html names no script").toBeGreaterThan(0);
  expect(total, sizes.map((size) => `${size.path}: ${size.bytes}`).join("\n")).toBeLessThan(budget);
});

// Guards against a page that asks for a file that the build did not make.
test("everything the page names is there", () => {
  for (const path of named(page())) {
    expect(path, "an address of another origin").toMatch(/^\/[^/]/);
    expect(isServed(path), path).toBe(true);
  }
});

// The content security policy allows no inline script or style: such a page would stay blank.
test("nothing is inline in the page", () => {
  const html = page();
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(html).not.toMatch(/<style/);
  expect(html).not.toMatch(/\sstyle=/);
  expect(html).not.toMatch(/\son[a-z]+=/);
  expect(html).not.toContain("data:");
});
