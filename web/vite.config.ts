import { createHash } from "node:crypto";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const root = fileURLToPath(new URL(".", import.meta.url));
const rendezvous = "http://127.0.0.1:8080";

/** Class names say their file and depend on its path in the tree only, so that two machines build the same bytes. */
function className(local: string, file: string): string {
  const path = relative(root, file.split("?")[0] ?? file).replaceAll("\\", "/");
  const tag = createHash("sha256").update(path).digest("hex").slice(0, 4);
  return `${basename(path, ".module.css")}_${local}_${tag}`;
}

export default defineConfig({
  root,
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  css: { modules: { generateScopedName: className } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    // Nothing inline: the content security policy allows this origin's files alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  worker: { format: "es" },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      "/meetings": rendezvous,
      "/.well-known": rendezvous,
      "/signal": { target: rendezvous, ws: true },
    },
  },
});
