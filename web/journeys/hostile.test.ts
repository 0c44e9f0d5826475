/** A rendezvous in hostile hands, as browsers meet it: what it tries is told in a sentence, and gets it nothing. */
import { expect } from "vitest";
import { bytesOf, signerOf } from "../src/e2ee/fixture";
import { SessionKey } from "../src/e2ee/sessionkey";
import type { Card, Participant, ServerFrame } from "../src/protocol/messages.gen";
import { type Change, Enemy, nothing } from "./harness/enemy";
import { eventually } from "./harness/eventually";
import { type Journey, journey } from "./harness/journey";
import type { Person } from "./harness/person";
import { noteConnections } from "./harness/traffic";
import { followsLink, isInside, opens, reads, typesPassword, writes } from "./steps";

const laptop = { width: 800, height: 600 };

/** The cards of the others are changed, wherever they are shown. */
function cards(change: (card: Card) => Card): Change {
  const bent = (entry: Participant): Participant => ({
    ...entry,
    ...(entry.card && { card: change(entry.card) }),
  });
  return (frame) => {
    switch (frame.type) {
      case "welcome": {
        const { self, roster } = frame;
        return [
          { ...frame, roster: roster.map((each) => (each.id === self.id ? each : bent(each))) },
        ];
      }
      case "joined":
      case "updated":
        return [{ ...frame, participant: bent(frame.participant) }];
      default:
        return [frame];
    }
  };
}

/** One character in the middle of what is sealed. */
const altered: Change = (frame) => {
  if (frame.type !== "signal") {
    return [frame];
  }
  const { box } = frame;
  const at = box.length - 40;
  const other = box[at] === "A" ? "B" : "A";
  return [{ ...frame, box: box.slice(0, at) + other + box.slice(at + 1) }];
};

/** Something empty takes its place: a hole in the count would be noticed at once. */
const dropped: Change = (frame) => {
  if (frame.type !== "signal") {
    return [frame];
  }
  const { seq } = frame;
  return [{ type: "helping", ...(seq !== undefined && { seq }) } as ServerFrame];
};

/** Three times more, as they were: enough to be told of it by a single one. */
const replayed: Change = (frame) => {
  if (frame.type !== "signal") {
    return [frame];
  }
  const { seq: _, ...again } = frame;
  return [frame, again, again, again];
};

/** Another host than the real one, as soon as somebody is in. */
const hostedBy =
  (host: string): Change =>
  (frame) => [frame.type === "welcome" ? { ...frame, host_id: host } : frame];

/** The same, in the answer to who wants to join. */
async function answersWithHost({ page }: Person, host: string): Promise<void> {
  await page.route("**/meetings/join", async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as object;
    await route.fulfill({ response, json: { ...answer, host_id: host } });
  });
}

/** Ada and Bea with a browser each, and the same enemy before both. */
async function between(here: Journey) {
  const arrive = async (name: string) => {
    const person = await here.person(name, { devices: "small", viewport: laptop });
    await noteConnections(person.page);
    return { person, enemy: await Enemy.before(person) };
  };
  const [ada, bea] = await Promise.all([arrive("Ada"), arrive("Bea")]);
  const tries = (change: Change) => {
    ada.enemy.change = change;
    bea.enemy.change = change;
  };
  const says = (frame: ServerFrame) => {
    ada.enemy.say(frame);
    bea.enemy.say(frame);
  };
  return { ada: ada.person, bea: bea.person, beaEntry: () => bea.enemy.victim, tries, says };
}

const warnings = ({ page }: Person) => page.getByRole("region", { name: "Security warnings" });

/** Waits until somebody is told, and dismisses it. */
async function isTold(person: Person, sentence: RegExp): Promise<void> {
  const line = warnings(person).locator("> div").filter({ hasText: sentence });
  await line.getByRole("button", { name: "Dismiss the warning" }).click();
}

async function isToldNoMore(person: Person): Promise<void> {
  await eventually(
    `${person.name} is told nothing else`,
    () => warnings(person).textContent(),
    (text) => text === "",
  );
}

/** The state of each connection that the page made for somebody. */
async function connections({ page }: Person): Promise<readonly string[]> {
  return await page.evaluate(() =>
    (window as unknown as { connections: RTCPeerConnection[] }).connections
      .filter(({ signalingState }) => signalingState !== "closed")
      // One that is made in advance is nobody's yet.
      .filter((each) => each.localDescription !== null || each.remoteDescription !== null)
      .map(({ connectionState }) => connectionState),
  );
}

async function seeEachOther(ada: Person, bea: Person): Promise<void> {
  await Promise.all([ada.sees("Bea"), bea.sees("Ada")]);
}

journey(
  "other keys and altered signals lead to no link, and another host to none but the real one",
  async (here) => {
    const { ada, bea, tries } = await between(here);
    const { publicKey: key } = await SessionKey.of(bytesOf(66));
    const invited = await opens(ada, "Others' keys");

    tries(cards((card) => ({ ...card, key })));
    await followsLink(bea, invited.link);
    await isTold(ada, /whose keys are not signed by them.*Bea/);
    await isTold(bea, /whose keys are not signed by them.*Ada/);
    for (const person of [ada, bea]) {
      expect(await person.page.getByRole("figure").count()).toBe(1);
      expect(await connections(person)).toEqual([]);
      await isToldNoMore(person);
    }

    tries(altered);
    await followsLink(bea, invited.link);
    await isTold(ada, /sealed message from .*Bea.* was changed on its way/);
    for (const [person, other] of [
      [ada, "Bea"],
      [bea, "Ada"],
    ] as const) {
      expect(await connections(person)).not.toContain("connected");
      await person.tile(other).getByText("Connecting…").waitFor();
    }

    const { peerId: stranger } = await signerOf(bytesOf(66));
    tries(hostedBy(stranger));
    await answersWithHost(bea, stranger);
    await followsLink(bea, invited.link);
    await isTold(bea, /Another host was named than the one you know/);
    await seeEachOther(ada, bea);
    expect(await connections(bea)).toContain("connected");
    await Promise.all([isToldNoMore(ada), isToldNoMore(bea)]);
  },
  { limit: 60_000 },
);

journey(
  "replays, names of nobody and false hosts change nothing",
  async (here) => {
    const { ada, bea, beaEntry, tries, says } = await between(here);
    const invited = await opens(ada, "False witness");

    tries(replayed);
    await followsLink(bea, invited.link);
    await seeEachOther(ada, bea);
    await isTold(ada, /old sealed message from .*Bea.* was delivered again/);
    await isTold(bea, /old sealed message from .*Ada.* was delivered again/);

    tries(nothing);
    const entry = beaEntry();
    const named = async (of: number, name: string, card: Card | undefined) => {
      const { card: _, ...bare } = entry;
      const { peerId: id } = await signerOf(bytesOf(of));
      const presence = { ...entry.presence, name };
      const participant = { ...bare, id, n: of, presence, ...(card && { card }) };
      says({ type: "joined", participant });
    };
    for (const [of, name, card] of [
      [66, "Mallory", entry.card],
      [67, "Trudy", undefined],
    ] as const) {
      await named(of, name, card);
      for (const person of [ada, bea]) {
        await isTold(person, new RegExp(`whose keys are not signed by them.*${name}`));
        expect(await person.page.getByRole("figure").count()).toBe(2);
      }
    }

    says({ type: "updated", participant: { ...entry, role: "host" } });
    for (const person of [ada, bea]) {
      await isTold(person, /Another host was named than the one you know.*Bea/);
      await person.button(/^Participants/).click();
      const row = person.page.getByRole("listitem").filter({ hasText: "Bea" });
      await row.getByText("By invitation", { exact: true }).waitFor();
      expect(await row.getByText("host", { exact: true }).count()).toBe(0);
    }
    await ada.button("Lock the meeting").waitFor();
    expect(await bea.button("Lock the meeting").count()).toBe(0);

    await writes(ada, "as if nothing had happened");
    await reads(bea, "as if nothing had happened");
    await seeEachOther(ada, bea);
    await Promise.all([isToldNoMore(ada), isToldNoMore(bea)]);
  },
  { limit: 60_000 },
);

/** Has some time pass at once: less than a rendezvous may be silent. */
async function waits({ page }: Person): Promise<void> {
  await page.clock.fastForward(14_000);
}

journey(
  "who is kept apart from a newcomer is told so, and they meet when nobody keeps them apart",
  async (here) => {
    const { ada, bea, tries } = await between(here);
    await Promise.all([ada, bea].map(({ page }) => page.clock.install()));
    const invited = await opens(ada, "Kept apart");
    tries(dropped);
    await followsLink(bea, invited.link);
    const isApart = async (person: Person, other: string) => {
      await person.tile(other).getByText("Connecting…").waitFor();
      await waits(person);
      await isToldNoMore(person);
    };
    await Promise.all([isApart(ada, "Bea"), isApart(bea, "Ada")]);
    await ada.tile("Bea").getByText("Cannot be reached").waitFor();
    await isTold(
      ada,
      /No way to .*Bea.* has been found\. A network between you, or the server, lets/,
    );
    // Ada, who was there first, may have died before: her client is given a minute more.
    await bea.tile("Ada").getByText("Connecting…").waitFor();
    await isToldNoMore(bea);

    tries(nothing);
    await followsLink(bea, invited.link);
    await seeEachOther(ada, bea);
    await Promise.all([isToldNoMore(ada), isToldNoMore(bea)]);
  },
  { limit: 60_000 },
);

/** What the host asks of the rendezvous is answered, and not done. */
async function ignoresChanges({ page }: Person): Promise<void> {
  await page.route("**/meetings/*", async (route) => {
    const ignored = route.request().method() === "PATCH";
    await (ignored ? route.fulfill({ json: {} }) : route.fallback());
  });
}

journey(
  "a meeting that its host closed to passwords stays so, whatever the server says",
  async (here) => {
    const [ada, bea, eve] = await Promise.all(
      ["Ada", "Bea", "Eve"].map((name) =>
        here.person(name, { devices: "small", viewport: laptop }),
      ),
    );
    if (!(ada && bea && eve)) {
      throw new Error("somebody is missing");
    }
    await Promise.all([ignoresChanges(ada), noteConnections(eve.page)]);
    const invited = await opens(ada, "Invitations only");
    await ada.button(/^Participants/).click();
    await ada.page.getByRole("checkbox", { name: "Invitations only" }).check();

    await Promise.all([typesPassword(eve, invited), followsLink(bea, invited.link)]);
    await Promise.all([ada.sees("Bea"), bea.sees("Ada")]);
    await isTold(ada, /server says that anybody with the password may enter this meeting, which/);
    for (const person of [ada, bea]) {
      await isTold(person, /Eve.* came without the invitation/);
      expect(await person.page.getByRole("figure").count()).toBe(2);
      await isToldNoMore(person);
    }

    await ada.page.reload();
    await isInside(ada);
    await Promise.all([ada.sees("Bea"), bea.sees("Ada")]);
    await isTold(ada, /Eve.* came without the invitation/);
    expect(await ada.page.getByRole("figure").count()).toBe(2);
    expect(await connections(eve)).not.toContain("connected");
  },
  { limit: 60_000 },
);
