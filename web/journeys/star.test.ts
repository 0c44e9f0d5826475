import { appendFileSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { eventually } from "./harness/eventually";
import { type Journey, journey } from "./harness/journey";
import { out } from "./harness/paths";
import type { Person } from "./harness/person";
import { noteConnections, patches, traffic } from "./harness/traffic";
import { followsLink, opens } from "./steps";

/** The next meeting that the person creates takes no larger mesh. */
async function wantsMeshOf(host: Person, meshMax: number): Promise<void> {
  await host.page.route("**/meetings/create", async (route) => {
    const asked = route.request().postDataJSON() as object;
    await route.continue({
      postData: JSON.stringify({ ...asked, policy: { mesh_max: meshMax } }),
    });
  });
}

const laptop = { width: 800, height: 600 };
const smallWindow = { width: 640, height: 480 };

/** People with little to send, and in a small window with little to show: two cores carry five of them. */
async function arrive<Names extends readonly string[]>(
  here: Journey,
  names: readonly [...Names],
  viewport = laptop,
): Promise<{ [Each in keyof Names]: Person }> {
  const people = names.map(async (name) => {
    const person = await here.person(name, { devices: "small", viewport });
    await noteConnections(person.page);
    return person;
  });
  return (await Promise.all(people)) as { [Each in keyof Names]: Person };
}

/** A call for helpers, their coming and a choice that must stand for a while: on two cores that takes its time. */
const untilMoved = 60_000;

/** How the room is connected, in the pill on top. */
async function areConnected(people: readonly Person[], how: string): Promise<void> {
  const pill = (person: Person) => person.page.getByRole("status").filter({ hasText: how }).first();
  await Promise.all(
    people.map((person) => pill(person).waitFor({ state: "attached", timeout: untilMoved })),
  );
}

async function everybodySees(people: readonly Person[], names: readonly string[]): Promise<void> {
  const pairs = people.flatMap((watcher) => names.map((name) => [watcher, name] as const));
  await Promise.all(
    pairs.map(([watcher, name]) => (name === watcher.name ? undefined : watcher.sees(name))),
  );
}

/** One link carries everything, and the camera goes up once, however many see it. */
async function hasOneLink(person: Person): Promise<void> {
  await eventually(
    `${person.name} has one media link`,
    () => traffic(person.page),
    ({ sending, receiving, cameras }) => sending === 1 && receiving === 1 && cameras === 1,
  );
}

/** How long some pictures stood still at most, from now until the function that it returns is called. */
async function stillness(pairs: readonly (readonly [Person, string])[]) {
  const watched = await Promise.all(pairs.map(([person, name]) => person.watches(name)));
  return async () => {
    const seen = await Promise.all(watched.map((stop) => stop()));
    return {
      longest: Math.max(...seen.map(({ longestPause }) => longestPause)),
      frames: Math.min(...seen.map(({ frames }) => frames)),
    };
  };
}

/** How much sound some pages have to make up from now on, until the function that it returns is called. */
async function silence(people: readonly Person[]) {
  const begun = performance.now();
  const counts = await Promise.all(people.map(({ page }) => patches(page)));
  return async () => {
    const most = Math.max(...(await Promise.all(counts.map((stop) => stop()))));
    return `${most} ms in ${((performance.now() - begun) / 1000).toFixed(1)} s`;
  };
}

/** How long nothing happens before something is measured. */
const steadyMillis = 3_000;

/**
 * Watches what some see of others while something happens, and leaves how long
 * a picture stood still at most in `figures.log`, beside what this machine makes
 * of it that does other work too: the same before, and one's own picture, which
 * no link brings, meanwhile. And how much of the sound had to be made up: of a
 * film that is shown again and again that is some of each time.
 */
async function meanwhile(
  what: string,
  pairs: readonly (readonly [Person, string])[],
  act: () => Promise<void>,
): Promise<void> {
  const watchers = [...new Set(pairs.map(([person]) => person))];
  const before = await stillness(pairs);
  const soundBefore = await silence(watchers);
  await new Promise((resolve) => setTimeout(resolve, steadyMillis));
  const steady = await before();
  const steadySound = await soundBefore();
  const others = await stillness(pairs);
  const own = await stillness(watchers.map((person) => [person, person.name]));
  const sound = await silence(watchers);
  await act();
  const seen = await others();
  const mine = await own();
  const patched = await sound();
  appendFileSync(
    join(out, "figures.log"),
    `${what}: longest pause ${seen.longest} ms (one's own picture ${mine.longest}, before ${steady.longest}), sound made up ${patched} (before ${steadySound})\n`,
  );
  expect(seen.frames).toBeGreaterThan(0);
}

journey(
  "a room too large for its mesh moves to a helper, and outlives it",
  async (here) => {
    const [ada, bea, cyd] = await arrive(here, ["Ada", "Bea", "Cyd"]);
    await wantsMeshOf(ada, 2);
    const invited = await opens(ada, "Helped");
    await followsLink(bea, invited.link);
    await everybodySees([ada, bea], ["Ada", "Bea"]);
    await areConnected([ada], "Direct");

    await meanwhile(
      "mesh to helper",
      [
        [ada, "Bea"],
        [bea, "Ada"],
      ],
      async () => {
        await followsLink(cyd, invited.link);
        await areConnected([ada, bea, cyd], "Through the helper");
        await hasOneLink(ada);
      },
    );
    const everybody = [ada, bea, cyd];
    await Promise.all([
      everybodySees(everybody, ["Ada", "Bea", "Cyd"]),
      ...everybody.map((person) => person.hears(2)),
      ...everybody.map(hasOneLink),
    ]);

    // Which one carries the room is told to the host.
    await ada.button("Participants").click();
    const carries = ada.page.getByRole("radio", { description: /Carries it now/ });
    await carries.waitFor();
    await ada.page.getByRole("radio", { description: /Stands by/ }).waitFor();
    const name = (await carries.getAttribute("aria-labelledby")) ?? "";
    const west = /West/.test(await ada.page.locator(`[id="${name}"]`).innerText());

    await meanwhile("one helper to the other", [[bea, "Ada"]], async () => {
      await here.nodes[west ? 0 : 1]?.kill();
      await ada.page.getByRole("radio", { name: west ? /East/ : /West/ }).waitFor();
      await ada.page.getByText("Moved to the helper").last().waitFor();
      await bea.sees("Ada");
    });
    await Promise.all([
      everybodySees(everybody, ["Ada", "Bea", "Cyd"]),
      ...everybody.map((person) => person.hears(2)),
    ]);
    await ada.looksRight("star-helper");
  },
  { helpers: ["West", "East"] },
);

journey(
  "five people are one too many for a mesh: the helper beside the server carries them",
  async (here) => {
    const names = ["Ada", "Bea", "Cyd", "Dan", "Eve"] as const;
    const everybody = await arrive(here, names, smallWindow);
    const [ada, ...others] = everybody;
    const invited = await opens(ada, "Five");
    await ada.button("Mute microphone").click();
    for (const person of others) {
      await followsLink(person, invited.link);
      await person.button("Mute microphone").click();
    }
    await areConnected(everybody, "Through the helper");
    await everybodySees(everybody, names);
    await Promise.all(everybody.map((person) => person.button("Unmute microphone").click()));
    await Promise.all(everybody.map((person) => person.hears(4)));
    await hasOneLink(ada);
  },
);

/** What a file of somebody's camera and microphone is: a few seconds of the browser's own. */
async function recordsFile(person: Person): Promise<string> {
  const file = await person.page.evaluate(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    const recorder = new MediaRecorder(stream, { mimeType: "video/webm;codecs=vp8,opus" });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve));
    recorder.start();
    setTimeout(() => recorder.stop(), 2500);
    await stopped;
    for (const track of stream.getTracks()) {
      track.stop();
    }
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  });
  return file;
}

journey("a node brings a file, records, and carries the room when it grows", async (here) => {
  const [ada, bea, cyd] = await arrive(here, ["Ada", "Bea", "Cyd"]);
  await wantsMeshOf(ada, 3);
  const invited = await opens(ada, "With a node");
  const dan = here.node();
  const film = join(dan.folder, "film.webm");
  writeFileSync(film, Buffer.from(await recordsFile(ada), "latin1"));
  const kept = join(dan.folder, "recording");
  await followsLink(bea, invited.link);
  dan.start(
    ...["join", invited.link, "--name", "Dan", "--publish", film, "--record", kept],
    ...["--uplink", "1G", "--no-tui"],
  );

  // Seen and heard like anybody else, and everybody knows that it records.
  await Promise.all([everybodySees([ada, bea], ["Ada", "Bea", "Dan"]), ada.hears(2), bea.hears(2)]);
  await ada.page.getByText("Recording · Dan").waitFor();
  await bea.page.getByRole("figure", { name: /^Dan.*recording/ }).waitFor();
  await areConnected([ada], "Direct");

  await meanwhile(
    "mesh to node",
    [
      [ada, "Bea"],
      [bea, "Ada"],
      [ada, "Dan"],
    ],
    async () => {
      await followsLink(cyd, invited.link);
      await areConnected([ada, bea], "Through Dan");
      await hasOneLink(ada);
    },
  );
  await Promise.all([
    everybodySees([ada, bea, cyd], ["Ada", "Bea", "Cyd", "Dan"]),
    ...[ada, bea, cyd].map((person) => person.hears(3)),
    hasOneLink(cyd),
  ]);
  await ada.looksRight("star-node");

  await meanwhile("node to mesh", [[ada, "Dan"]], async () => {
    await bea.button("Leave").click();
    await cyd.button("Leave").click();
    await ada.page.getByText("Back to direct connections").waitFor();
    await areConnected([ada], "Direct");
  });
  await ada.sees("Dan");
  expect(existsSync(kept) && readdirSync(kept).length, "files of the recording").toBeGreaterThan(1);
});
