import { expect } from "vitest";
import { journey } from "./harness/journey";
import { findNetwork, loseNetwork, ownNetwork } from "./harness/network";
import type { Person } from "./harness/person";
import { followsLink, opens, reads, writes } from "./steps";

/** Counts the connections that the person's page makes from now on; read with `connectionsOf`. */
async function countConnections(person: Person): Promise<void> {
  await person.page.addInitScript(() => {
    const made = { connections: 0 };
    Object.assign(window, { made });
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        made.connections++;
      }
    };
  });
}

async function connectionsOf(person: Person): Promise<number> {
  return await person.page.evaluate(
    () => (window as unknown as { made: { connections: number } }).made.connections,
  );
}

journey("a killed rendezvous is not noticed by those inside", async (here) => {
  const [ada, bea] = [await here.person("Ada"), await here.person("Bea")];
  for (const person of [ada, bea]) {
    await countConnections(person);
    person.mayLog(/ERR_CONNECTION_REFUSED|WebSocket|Failed to load resource/);
  }
  const invited = await opens(ada, "Outage");
  await followsLink(bea, invited.link);
  await ada.sees("Bea");
  await bea.sees("Ada");

  const made = [await connectionsOf(ada), await connectionsOf(bea)];

  await here.rendezvous.kill();
  await ada.page.getByText("Reconnecting", { exact: true }).waitFor();
  await writes(ada, "Still there?");
  await reads(bea, "Still there?");
  await ada.sees("Bea");
  await bea.sees("Ada");
  await here.rendezvous.restart();
  await ada.page.getByText("Reconnecting", { exact: true }).waitFor({ state: "detached" });
  await bea.page.getByText("Reconnecting", { exact: true }).waitFor({ state: "detached" });

  const cyd = await here.person("Cyd");
  await followsLink(cyd, invited.link);
  for (const [watcher, shown] of [
    [cyd, ada],
    [cyd, bea],
    [ada, bea],
    [ada, cyd],
    [bea, ada],
    [bea, cyd],
  ] as const) {
    await watcher.sees(shown.name);
  }
  await reads(cyd, "Still there?");
  for (const [i, person] of [ada, bea].entries()) {
    // One more, to Cyd: none was made anew.
    expect(await connectionsOf(person)).toBe(Number(made[i]) + 1);
    for (const other of ["Ada", "Bea", "Cyd"]) {
      const figures = person.page.getByRole("figure", { name: new RegExp(`^${other}`) });
      expect(await figures.count()).toBe(1);
      expect(await person.page.getByText(`${other} left`).count()).toBe(0);
    }
  }
});

if (ownNetwork) {
  journey("a network that was lost comes back by an ICE restart", async (here) => {
    const [ada, bea] = [await here.person("Ada"), await here.person("Bea")];
    await countConnections(ada);
    const invited = await opens(ada, "Tunnel");
    await followsLink(bea, invited.link);
    await ada.sees("Bea");
    await bea.sees("Ada");
    const made = await connectionsOf(ada);

    loseNetwork();
    await ada
      .tile("Bea")
      .getByText(/reconnecting/i)
      .waitFor();
    await bea
      .tile("Ada")
      .getByText(/reconnecting/i)
      .waitFor();
    findNetwork();

    await ada.sees("Bea");
    await bea.sees("Ada");
    await ada.hears(1);
    expect(await connectionsOf(ada), "the same connection goes on").toBe(made);
    expect(await ada.page.getByRole("figure", { name: /^Bea/ }).count()).toBe(1);
  });
}
