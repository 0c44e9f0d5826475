import { expect } from "vitest";
import { eventually } from "./harness/eventually";
import { journey } from "./harness/journey";
import { followsLink, isInside, opens, reads, typesPassword, writes } from "./steps";

journey("three people meet, talk, show a screen, leave and come back", async (here) => {
  const ada = await here.person("Ada");
  const invited = await opens(ada, "Design review");
  expect(invited.id.replaceAll("-", "")).toMatch(/^\d{9}$/);
  expect(invited.password).toMatch(/^\d{6}$/);
  expect(invited.link).toMatch(/\/join\/[\w-]{43}#[\w-]{43}$/);

  const bea = await here.person("Bea");
  await followsLink(bea, invited.link);
  expect(bea.page.url(), "the secret leaves the address bar").not.toContain("#");

  const cyd = await here.person("Cyd");
  await typesPassword(cyd, invited);

  const everybody = [ada, bea, cyd];
  for (const watcher of everybody) {
    for (const shown of everybody) {
      await watcher.sees(shown.name);
    }
    await watcher.hears(2);
  }

  // Chat reaches those inside, and who comes later reads it too.
  await writes(bea, "Shall we begin?");
  for (const person of everybody) {
    await reads(person, "Shall we begin?");
  }

  // A screen takes a tile of its own on every other page.
  await bea.button("Share screen").click();
  await bea.button("Stop sharing").waitFor();
  await ada.sees("Bea, screen");
  await cyd.sees("Bea, screen");
  await bea.button("Stop sharing").click();
  await ada.tile("Bea, screen").waitFor({ state: "detached" });

  // Somebody without any device hears and sees all the same.
  const dan = await here.person("Dan", { devices: "none" });
  await followsLink(dan, invited.link);
  for (const shown of everybody) {
    await dan.sees(shown.name);
  }
  await dan.hears(3);
  await reads(dan, "Shall we begin?");
  await ada.tile("Dan").waitFor();

  // A reload comes back as the same participant: nobody is told of a leave.
  await cyd.page.reload();
  await isInside(cyd);
  await cyd.sees("Ada");
  await ada.sees("Cyd");
  expect(await ada.page.getByText("Cyd left").count()).toBe(0);
  expect(await ada.page.getByRole("figure", { name: /^Cyd/ }).count()).toBe(1);

  await bea.button("Leave").click();
  await bea.page.getByRole("heading", { name: /left/i }).waitFor();
  await ada.tile("Bea").waitFor({ state: "detached" });
  await cyd.tile("Bea").waitFor({ state: "detached" });
  await ada.sees("Cyd");
});

journey("what a tile does not show is not sent", async (here) => {
  const ada = await here.person("Ada");
  const invited = await opens(ada, "Hidden");
  const bea = await here.person("Bea");
  await followsLink(bea, invited.link);
  await bea.sees("Ada");

  // Bea's page goes to the background: her tiles show nothing any more.
  await bea.page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  const decoded = () =>
    bea
      .tile("Ada")
      .locator("video")
      .evaluate((video) => (video as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames);
  let last = -1;
  let still = 0;
  await eventually("the frames stop", decoded, (frames) => {
    still = frames === last ? still + 1 : 0;
    last = frames;
    return still > 10;
  });
  // Sound goes on, and the picture comes back when it is looked at.
  await bea.hears(1);
  await bea.page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "visible", configurable: true });
    Object.defineProperty(document, "hidden", { value: false, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await bea.sees("Ada");
});
