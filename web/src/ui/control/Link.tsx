/** A link inside the app: an ordinary one, that does not load the page anew. */
import type { ComponentChildren } from "preact";
import { useShell } from "../context";

interface Props {
  readonly to: string;
  readonly class?: string | undefined;
  readonly children: ComponentChildren;
}

export function Link({ to, class: className, children }: Props) {
  const { router } = useShell();
  return (
    <a
      href={to}
      class={className}
      onClick={(event) => {
        if (event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey)) {
          event.preventDefault();
          router.go(to);
        }
      }}
    >
      {children}
    </a>
  );
}
