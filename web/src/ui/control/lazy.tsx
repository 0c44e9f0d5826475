/** Components whose script is loaded when they are first shown. */
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { strings } from "../strings";
import { Button } from "./Button";
import css from "./lazy.module.css";

export interface Lazy<P> {
  (props: P): preact.JSX.Element | null;
  /** Loads the script before it is shown. Never rejects. */
  preload(): void;
}

/**
 * @param load imports the component; a failure is shown where it would stand,
 * because a page that was open during an upgrade asks for scripts that are gone.
 */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): Lazy<P> {
  let loaded: ComponentType<P> | undefined;
  let loading: Promise<void> | undefined;

  const start = (): Promise<void> => {
    loading ??= load().then(
      (component) => {
        loaded = component;
      },
      (reason: unknown) => {
        loading = undefined;
        throw reason;
      },
    );
    return loading;
  };

  function Shown(props: P) {
    const state = useSignal<"loading" | "ready" | "failed">(loaded ? "ready" : "loading");
    useEffect(() => {
      if (state.value === "ready") {
        return;
      }
      let mounted = true;
      const settle = (to: "ready" | "failed") => {
        if (mounted) {
          state.value = to;
        }
      };
      start().then(
        () => settle("ready"),
        () => settle("failed"),
      );
      return () => {
        mounted = false;
      };
    }, [state]);

    if (state.value === "failed") {
      return (
        <div class={css["failed"]} role="alert">
          <p>{strings.common.notLoaded}</p>
          <Button onClick={() => location.reload()}>{strings.common.reload}</Button>
        </div>
      );
    }
    const Component = state.value === "ready" ? loaded : undefined;
    return Component === undefined ? null : <Component {...props} />;
  }

  return Object.assign(Shown, {
    preload() {
      start().catch(() => undefined);
    },
  });
}
