/** What the browser around the page tells. */

/** The network information of the browsers that have it. */
export function network(): EventTarget | undefined {
  return (navigator as { readonly connection?: EventTarget }).connection;
}

/** Listens until the function that it returns is called. */
export function listen(
  target: EventTarget | undefined,
  type: string,
  heard: () => void,
): () => void {
  target?.addEventListener(type, heard);
  return () => target?.removeEventListener(type, heard);
}

/** Whether the page is in the background, where its timers fire once a second. */
export const isHidden = (): boolean => document.hidden;

/** Calls until the function that it returns is called. */
export function every(millis: number, act: () => void): () => void {
  const timer = setInterval(act, millis);
  return () => clearInterval(timer);
}
