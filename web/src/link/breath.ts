/** Giving way to what else the page has to do. Work that takes its time awaits one of these between two steps. */
export type Pace = () => Promise<void>;

/**
 * Until the page has done what waits for it: a task of its own, after those that
 * are due. A timer would come once a second where the page is hidden.
 */
export function breath(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** What a step may take that is done where a picture is about to be drawn. */
const stepMillis = 5;
/** A page that never has time does it all the same: a step at the latest so long after the one before, and all of it. */
const patienceMillis = 50;
const patienceForAllMillis = 600;

/**
 * The pace of work that is not urgent, while pictures are shown: only where the
 * page has nothing else to do before the next one is due.
 */
export function gently(): Pace {
  let until = 0;
  const late = performance.now() + patienceForAllMillis;
  return async () => {
    if (performance.now() > late) {
      await breath();
    } else if (performance.now() + stepMillis > until) {
      until = performance.now() + (await leisure());
    }
  };
}

/** Until the page has time; resolves with how much, in milliseconds. */
function leisure(): Promise<number> {
  // Nobody sees what a hidden page holds up, and it has time but seldom.
  if (typeof requestIdleCallback !== "function" || document.visibilityState === "hidden") {
    return breath().then(() => 0);
  }
  return new Promise((resolve) => {
    requestIdleCallback((deadline) => resolve(deadline.timeRemaining()), {
      timeout: patienceMillis,
    });
  });
}
