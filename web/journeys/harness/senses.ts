import type { JSHandle, Locator, Page } from "playwright-core";
import { eventually, patience } from "./eventually";

/** The tile of a participant: the figure whose accessible name begins with theirs. */
export function tile(page: Page, name: string): Locator {
  const start = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return page.getByRole("figure", { name: new RegExp(`^${start}(?!\\w)`) }).first();
}

interface Picture {
  readonly width: number;
  readonly frames: number;
}

/** What the tile's video has decoded so far; nothing when there is no video. */
async function picture(page: Page, name: string): Promise<Picture> {
  const none = { width: 0, frames: 0 };
  const video = tile(page, name).locator("video").first();
  if ((await video.count()) === 0) {
    return none;
  }
  return await video
    .evaluate((element) => {
      const shown = element as HTMLVideoElement;
      return { width: shown.videoWidth, frames: shown.getVideoPlaybackQuality().totalVideoFrames };
    })
    .catch(() => none);
}

const risen = 5;

/** Waits until the tile of `name` shows moving pictures: a size, and decoded frames that rise. */
export async function seesFrames(page: Page, name: string, limit = patience): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  await eventually(
    `the tile of ${name} decodes rising frames`,
    () => picture(page, name),
    (now) => {
      least = Math.min(least, now.frames);
      return now.width > 0 && now.frames >= least + risen;
    },
    limit,
  );
}

export interface Watched {
  /** Frames decoded meanwhile. */
  readonly frames: number;
  /** The longest time without a new frame, in milliseconds. */
  readonly longestPause: number;
}

/**
 * Watches the tile of `name` from now on, whichever of its videos shows the
 * picture; the function that it returns stops and tells.
 */
export async function watch(page: Page, name: string): Promise<() => Promise<Watched>> {
  const figure = await tile(page, name).elementHandle();
  const handle = await page.evaluateHandle((element) => {
    const state = { frames: 0, longestPause: 0, stop: () => {} };
    let since = performance.now();
    let ended = false;
    const pause = () => {
      state.longestPause = Math.max(state.longestPause, performance.now() - since);
    };
    const follow = (video: HTMLVideoElement) => {
      const frame = () => {
        if (!ended && video.isConnected) {
          pause();
          since = performance.now();
          state.frames++;
          video.requestVideoFrameCallback(frame);
        }
      };
      video.requestVideoFrameCallback(frame);
    };
    const known = new Set<HTMLVideoElement>();
    const look = () => {
      for (const video of element?.querySelectorAll("video") ?? []) {
        if (!known.has(video)) {
          known.add(video);
          follow(video);
        }
      }
    };
    const observer = new MutationObserver(look);
    element && observer.observe(element, { childList: true, subtree: true });
    look();
    state.stop = () => {
      ended = true;
      observer.disconnect();
      pause();
    };
    return state;
  }, figure);
  return () =>
    handle.evaluate((state) => {
      state.stop();
      return { frames: state.frames, longestPause: Math.round(state.longestPause) };
    });
}

/** Root mean square of a sample that counts as sound; digital silence is 0. */
const audible = 0.005;

/**
 * Puts an ear to every audio element of the page that plays, those that come
 * later too. The handle's value says how loud each track has been at most.
 */
async function listen(page: Page): Promise<JSHandle<{ levels(): number[]; close(): void }>> {
  return await page.evaluateHandle(() => {
    const context = new AudioContext();
    void context.resume();
    const meters = new Map<MediaStreamTrack, { analyser: AnalyserNode; loudest: number }>();
    const playing = () =>
      [...document.querySelectorAll("audio")]
        .filter((element) => !(element.paused || element.muted))
        .map((element) => element.srcObject)
        .filter((source) => source instanceof MediaStream)
        .flatMap((stream) => stream.getAudioTracks());
    const buffer = new Float32Array(2048);
    const measure = () => {
      for (const track of playing().filter((found) => !meters.has(found))) {
        const analyser = context.createAnalyser();
        context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
        meters.set(track, { analyser, loudest: 0 });
      }
      for (const meter of meters.values()) {
        meter.analyser.getFloatTimeDomainData(buffer);
        const power = buffer.reduce((sum, value) => sum + value * value, 0) / buffer.length;
        meter.loudest = Math.max(meter.loudest, Math.sqrt(power));
      }
    };
    const timer = setInterval(measure, 40);
    return {
      levels: () => [...meters.values()].map((meter) => meter.loudest),
      close: () => {
        clearInterval(timer);
        void context.close();
      },
    };
  });
}

/** Waits until at least `voices` tracks of the page's audio elements carried sound, measured by WebAudio. */
export async function hears(page: Page, voices = 1, limit = patience): Promise<void> {
  const ear = await listen(page);
  try {
    await eventually(
      `${voices} others are heard (loudest sample of each)`,
      () => ear.evaluate((open) => open.levels()),
      (levels) => levels.filter((level) => level > audible).length >= voices,
      limit,
    );
  } finally {
    await ear.evaluate((open) => open.close());
    await ear.dispose();
  }
}
