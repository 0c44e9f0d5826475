import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { web } from "./dist";

/** A file under `src`, by its path there with forward slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** Every file under `src` whose name ends in one of `endings`. */
export function sources(...endings: string[]): Source[] {
  const root = join(web, "src");
  return readdirSync(root, { recursive: true, encoding: "utf8", withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({
      path: relative(root, file).replaceAll("\\", "/"),
      text: readFileSync(file, "utf8"),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

const specifiers = [
  /^\s*(?:import\s*|(?:import|export)\s[^"'`;=()]*?\sfrom\s*)["']([^"'\n]+)["']/gm,
  /\bimport\s*\(\s*["']([^"'\n]+)["']/g,
];

/** What a module imports: packages by name, files of this tree by their path under `src`. */
export function imports(source: Source): string[] {
  return specifiers
    .flatMap((specifier) => [...source.text.matchAll(specifier)])
    .map((match) => {
      const named = match[1] ?? "";
      return named.startsWith(".") ? posix.join(posix.dirname(source.path), named) : named;
    });
}
