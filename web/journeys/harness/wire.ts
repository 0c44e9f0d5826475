import type { BrowserContext, WebSocket } from "playwright-core";

/**
 * Everything that a browser context tells anybody from now on: addresses,
 * headers and bodies of requests, addresses and frames of WebSockets.
 */
export function tapped(context: BrowserContext): readonly string[] {
  const told: string[] = [];
  context.on("request", (request) => {
    told.push(request.url(), request.postData() ?? "");
    // Those of a request that the page gave up are not to be had.
    request.allHeaders().then(
      (headers) => told.push(JSON.stringify(headers)),
      () => undefined,
    );
  });
  const listen = (socket: WebSocket) => {
    told.push(socket.url());
    socket.on("framesent", ({ payload }) => told.push(String(payload)));
  };
  context.on("page", (page) => page.on("websocket", listen));
  for (const page of context.pages()) {
    page.on("websocket", listen);
  }
  return told;
}
