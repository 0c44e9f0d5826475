/** How components reach what there is one of: the app, the address, the open doors. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { App } from "../session/model";
import type { Admissions } from "./landing/admission";
import type { Router } from "./router";

export interface Shell {
  readonly app: App;
  readonly router: Router;
  readonly admissions: Admissions;
}

export const ShellContext = createContext<Shell | undefined>(undefined);

export function useShell(): Shell {
  const shell = useContext(ShellContext);
  if (shell === undefined) {
    throw new Error("a component is outside of the app");
  }
  return shell;
}
