/**
 * The addresses of the pages. The page is what the address says, except for
 * one thing that must not survive a reload: the admission that a form got.
 */
import { type ReadonlySignal, signal } from "@preact/signals";

export type Route =
  | { readonly page: "home" }
  | { readonly page: "join"; readonly token: string; readonly fragment: string }
  | { readonly page: "room"; readonly meetingId: string }
  | { readonly page: "missing" };

/** The route of an address on this origin; `hash` with or without its `#`. */
export function routeOf(pathname: string, hash: string): Route {
  const [, first, second, ...rest] = pathname.replace(/(?<=.)\/$/, "").split("/");
  if (first === "" || first === undefined) {
    return { page: "home" };
  }
  if (second === undefined || second === "" || rest.length > 0) {
    return { page: "missing" };
  }
  if (first === "join") {
    return { page: "join", token: second, fragment: hash.replace(/^#/, "") };
  }
  if (first === "room") {
    return { page: "room", meetingId: second };
  }
  return { page: "missing" };
}

export class Router {
  readonly #route = signal<Route>(routeOf(location.pathname, location.hash));

  constructor() {
    addEventListener("popstate", () => this.#read());
  }

  get route(): ReadonlySignal<Route> {
    return this.#route;
  }

  /** Goes to an address of this origin, as a link does. */
  go(address: string): void {
    if (address !== location.pathname + location.hash) {
      history.pushState(null, "", address);
    }
    this.#read();
    scrollTo(0, 0);
  }

  #read(): void {
    this.#route.value = routeOf(location.pathname, location.hash);
  }
}

export const address = {
  home: "/",
  room: (meetingId: string) => `/room/${meetingId}`,
};
