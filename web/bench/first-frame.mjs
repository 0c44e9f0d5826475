/**
 * Measures, in Chromium with a fake camera, the time from a click to the first
 * decoded frame of somebody else: in Parley (the click on Join meeting now, with
 * the landing page's preview running) and on a bare page that does only that
 * (bare.html, with the same preview running). Prints {"parley": […], "bare": […]}
 * in milliseconds, one entry a join; the two take turns, so that whatever else
 * the machine does meets both. Nobody clicks before a page has loaded what it
 * loads: both clicks wait until the network has been idle.
 *
 *     node web/bench/first-frame.mjs http://localhost:8080 10
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { launch } from "./chromium.mjs";

const [url, times] = [process.argv[2], Number(process.argv[3] ?? 10)];
const limit = 20_000;

/** Serves bare.html and passes messages between two ends by server-sent events. */
async function serveBare() {
  const page = await readFile(new URL("bare.html", import.meta.url));
  const script = await readFile(new URL("bare.js", import.meta.url));
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

async function parleyOnce(browser, link) {
  const guest = await someone(browser);
  await guest.page.goto(link);
  await guest.page.getByLabel("Your name").fill("Guest");
  await guest.page.waitForFunction(() =>
    [...document.querySelectorAll("video")].some((video) => video.videoWidth > 0),
  );
  await guest.page.evaluate(watch, 'figure:is([aria-label^="Host"], [data-person="Host"]) video');
  await guest.page.getByRole("button", { name: "Join meeting now" }).click();
  const took = await guest.page.evaluate(() => window.firstFrame, undefined, { timeout: limit });
  await guest.page.getByRole("button", { name: "Leave" }).click();
  await guest.context.close();
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
const measured = { parley: [], bare: [] };
try {
  const host = await someone(browser);
  await host.page.addInitScript(() => localStorage.setItem("parley.name", '"Host"'));
  await host.page.goto(url);
  await host.page.getByLabel("Meeting title").fill("First frame");
  await host.page.getByRole("button", { name: "Create a meeting" }).click();
  const dialog = host.page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Start meeting" }).waitFor();
  const link = (await dialog.getByLabel("Invitation link", { exact: true }).textContent()).trim();
  await host.page.getByRole("button", { name: "Start meeting" }).click();
  await host.page.getByRole("toolbar", { name: "Meeting controls" }).waitFor();
  for (let i = 0; i < times; i++) {
    measured.bare.push(await bareOnce(browser, bare.url));
    measured.parley.push(await parleyOnce(browser, link));
  }
  console.log(JSON.stringify(measured));
} finally {
  await browser.close();
  bare.server.close();
  bare.server.closeAllConnections();
}
