/**
 * Measures, in Chromium with a fake camera, the time from a click to the first
 * decoded frame of somebody else: in Parley (the click on Join meeting now, with
 * the landing page's preview running), in Parley with a worker in both pages that
 * passes frames on as they are, and on a bare page that does only that (bare.html,
 * with the same preview running). Prints {"sealed": […], "passed": […], "bare": […]}
 * in milliseconds, one entry a join; the three take turns, so that whatever else
 * the machine does meets them all, and while one does nothing of another is open.
 * Nobody clicks before a page has loaded what it loads.
 *
 *     node web/bench/first-frame.mjs http://localhost:8080 10
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { launch } from "./chromium.mjs";

const [url, times] = [process.argv[2], Number(process.argv[3] ?? 10)];
const limit = 20_000;

const beside = (name) => readFile(new URL(name, import.meta.url));

/** Serves bare.html and passes messages between two ends by server-sent events. */
async function serveBare() {
  const page = await beside("bare.html");
  const script = await beside("bare.js");
  const ends = new Map();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://bare");
    const [own, other] = searchParams.get("end") === "a" ? ["a", "b"] : ["b", "a"];
    if (pathname === "/bare.js") {
      response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    } else if (pathname === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: {}\n\n");
      ends.set(own, response);
    } else if (pathname === "/send") {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        ends.get(other)?.write(`data: ${body}\n\n`);
        response.writeHead(204).end();
      });
    } else {
      response.writeHead(200, { "content-type": "text/html" }).end(page);
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { server, url: `http://127.0.0.1:${server.address().port}` };
}

/** In the page: resolves with the milliseconds from the next click to the first frame of a video that `selector` finds. */
function watch(selector) {
  window.firstFrame = new Promise((resolve) => {
    let clicked = 0;
    addEventListener(
      "click",
      (event) => {
        clicked = event.timeStamp;
      },
      { capture: true, once: true },
    );
    const seen = new WeakSet();
    const look = () => {
      for (const video of document.querySelectorAll(selector)) {
        if (!seen.has(video)) {
          seen.add(video);
          video.requestVideoFrameCallback((now) => clicked > 0 && resolve(now - clicked));
        }
      }
    };
    new MutationObserver(look).observe(document, {
      childList: true,
      subtree: true,
      attributes: true,
    });
    look();
  });
}

async function someone(browser) {
  const context = await browser.newContext({
    permissions: ["camera", "microphone"],
    viewport: { width: 1280, height: 720 },
  });
  return { context, page: await context.newPage() };
}

/** Somebody whose page has, in the place of the product's worker, one that passes frames on. */
async function unsealed(browser) {
  const person = await someone(browser);
  const body = await beside("passing.js");
  await person.context.route(/\/assets\/worker-[^/]+\.js$/, async (route) => {
    person.unsealed = true;
    await route.fulfill({ response: await route.fetch(), body });
  });
  return person;
}

/** Whoever made a meeting and waits in it, and the link to it. */
async function host(person) {
  const { page } = person;
  await page.addInitScript(() => localStorage.setItem("parley.name", '"Host"'));
  await page.goto(url);
  await page.getByLabel("Meeting title").fill("First frame");
  await page.getByRole("button", { name: "Create a meeting" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Start meeting" }).waitFor();
  const link = await dialog.getByLabel("Invitation link", { exact: true }).textContent();
  await dialog.getByRole("button", { name: "Start meeting" }).click();
  await page.getByRole("toolbar", { name: "Meeting controls" }).waitFor();
  return link.trim();
}

async function parleyOnce(browser, make) {
  const [waiting, joining] = [await make(browser), await make(browser)];
  const { page } = joining;
  await page.goto(await host(waiting));
  await page.getByLabel("Your name").fill("Guest");
  for (const each of [waiting.page, page]) {
    await each.waitForFunction(() =>
      [...document.querySelectorAll("video")].some((video) => video.videoWidth > 0),
    );
  }
  await page.waitForLoadState("networkidle");
  await page.evaluate(watch, 'figure:is([aria-label^="Host"], [data-person="Host"]) video');
  await page.getByRole("button", { name: "Join meeting now" }).click();
  const took = await page.evaluate(() => window.firstFrame, undefined, { timeout: limit });
  if (make === unsealed && !(waiting.unsealed && joining.unsealed)) {
    throw new Error("the product's worker was not replaced");
  }
  await waiting.context.close();
  await joining.context.close();
  return took;
}

async function bareOnce(browser, bare) {
  const [waiting, joining] = [await someone(browser), await someone(browser)];
  await waiting.page.goto(`${bare}/?end=a`);
  await joining.page.goto(`${bare}/?end=b`);
  for (const { page } of [waiting, joining]) {
    await page.waitForFunction(() => document.querySelector("#own").videoWidth > 0);
  }
  await joining.page.waitForLoadState("networkidle");
  await joining.page.evaluate(watch, "#other");
  await joining.page.getByRole("button", { name: "Join" }).click();
  const took = await joining.page.evaluate(() => window.firstFrame);
  await waiting.context.close();
  await joining.context.close();
  return took;
}

const browser = await launch();
const bare = await serveBare();
const measured = { sealed: [], passed: [], bare: [] };
const ways = Object.entries({
  sealed: () => parleyOnce(browser, someone),
  passed: () => parleyOnce(browser, unsealed),
  bare: () => bareOnce(browser, bare.url),
});
try {
  for (let i = 0; i < times; i++) {
    for (const [way, once] of [...ways.slice(i % 3), ...ways.slice(0, i % 3)]) {
      measured[way].push(await once());
    }
  }
  console.log(JSON.stringify(measured));
} finally {
  await browser.close();
  bare.server.close();
  bare.server.closeAllConnections();
}
