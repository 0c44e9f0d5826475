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
