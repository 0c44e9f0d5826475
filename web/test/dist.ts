import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

export const web = dirname(dirname(fileURLToPath(import.meta.url)));

/** The bytes of a file that the built client would be served at `path`. */
export function served(path: string): Buffer {
  return readFileSync(join(web, "dist", path));
}

export function isServed(path: string): boolean {
  return existsSync(join(web, "dist", path));
}

export function page(): string {
  return served("index.html").toString("utf8");
}

/** Every address that index.html itself names: scripts, styles, icons. */
export function named(html: string): string[] {
  return [...html.matchAll(/\s(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
}

const staticImport = /(?:\bfrom|\bimport)\s*["'](\.{0,2}\/[^"']+\.js)["']/g;

/** The scripts that a browser fetches before anything is asked for: what the page names, and what those import statically. */
export function firstScripts(html: string): string[] {
  const found = new Set<string>();
  const waiting = named(html).filter((path) => path.endsWith(".js"));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) {
      continue;
    }
    found.add(path);
    for (const match of served(path).toString("utf8").matchAll(staticImport)) {
      waiting.push(posix.resolve(posix.dirname(path), match[1] ?? ""));
    }
  }
  return [...found].sort();
}
