/**
 * Measures, in Chromium, what it costs to seal and open every frame of a camera
 * at 1280 × 720 and a microphone: the product's transforms and worker, and beside
 * them a worker that passes the frames on. The two take turns. Prints
 * {"sealed": […], "passed": […]}, one entry a run: the time that a frame spends in
 * the transform, in microseconds; pictures decoded a second; their size in bytes
 * as they are sent; and, on Linux, the browser's CPU milliseconds per picture.
 * Ends within a minute: a slow machine makes fewer runs.
 *
 *     node web/bench/seal.mjs 5 an-empty-folder
 */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";
import { launch } from "./chromium.mjs";

const [runs, folder] = [Number(process.argv[2]), process.argv[3]];
const [settling, measuring] = [800, 2_500];
/** No run is begun that would end later than so long after the start. */
const limit = 50_000;

const beside = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Bundles seal.html with the product's sources; each of the two workers has a clock before it. */
async function bundle() {
  const workers = [beside("../src/e2ee/worker.ts"), beside("passing.js")];
  const timed = {
    name: "timed",
    transform: (code, id) =>
      workers.includes(id.split("?")[0])
        ? { code: `import ${JSON.stringify(beside("timed.js"))};\n${code}`, map: null }
        : undefined,
  };
  await build({
    configFile: false,
    root: beside("."),
    logLevel: "error",
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "es2023",
      rolldownOptions: { input: beside("seal.html") },
    },
    worker: { format: "es", plugins: () => [timed] },
  });
}

/** Serves it isolated from other origins: a page has a fine clock only then. */
async function serve() {
  const server = await preview({
    configFile: false,
    root: beside("."),
    logLevel: "error",
    build: { outDir: folder },
    preview: {
      host: "127.0.0.1",
      port: 0,
      headers: {
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
      },
    },
  });
  return { server, url: `http://127.0.0.1:${server.httpServer.address().port}/seal.html` };
}

/** How long all processes below this one have run on a core, in milliseconds; undefined where there is no /proc. */
async function cpu() {
  if (process.platform !== "linux") {
    return undefined;
  }
  const parents = new Map();
  for (const pid of await readdir("/proc")) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ""); // no process, or it ended
    const [, parent, , , , , , , , , , user, system] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ");
    const ticks = Number(user) + Number(system);
    parents.set(pid, { parent, ran: ticks * 10 }); // a tick is a hundredth of a second (proc_pid_stat)
  }
  const isBelow = (pid) => {
    const parent = parents.get(pid)?.parent;
    return parent === String(process.pid) || (parent !== undefined && isBelow(parent));
  };
  let sum = 0;
  for (const [pid, { ran }] of parents) {
    sum += isBelow(pid) ? ran : 0;
  }
  return sum;
}

/** In microseconds, of times in milliseconds. */
function summary(times = []) {
  if (times.length < 10) {
    throw new Error(`${times.length} frames went through a transform`);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))] * 1000;
  return { median: at(0.5), p95: at(0.95) };
}

async function once(page, way) {
  await page.evaluate((name) => window.begin(name), way);
  await pause(settling);
  const [before, ranBefore] = [await page.evaluate(() => window.take()), await cpu()];
  await pause(measuring);
  const [after, ranAfter] = [await page.evaluate(() => window.take()), await cpu()];
  await page.evaluate(() => window.end());
  const frames = after.framesDecoded - before.framesDecoded;
  const sides = ([send, receive]) => ({ seal: summary(send), open: summary(receive) });
  return {
    picture: sides([after.times["send video"], after.times["receive video"]]),
    sound: sides([after.times["send audio"], after.times["receive audio"]]),
    rate: (frames * 1000) / (after.timestamp - before.timestamp),
    size: (after.bytesReceived - before.bytesReceived) / frames,
    cpu: ranBefore && (ranAfter - ranBefore) / frames,
  };
}

let browser;
let served;
try {
  await bundle();
  [browser, served] = await Promise.all([launch(), serve()]);
  const context = await browser.newContext({ permissions: ["camera", "microphone"] });
  const page = await context.newPage();
  await page.goto(served.url);
  await page.waitForFunction(() => window.begin);
  const measured = { sealed: [], passed: [] };
  let longest = 0;
  for (let i = 0; i < runs && performance.now() + longest < limit; i++) {
    const began = performance.now();
    for (const way of i % 2 === 0 ? ["sealed", "passed"] : ["passed", "sealed"]) {
      measured[way].push(await once(page, way));
    }
    longest = Math.max(longest, performance.now() - began);
  }
  console.log(JSON.stringify(measured));
} finally {
  await browser?.close();
  await served?.server.close();
}
