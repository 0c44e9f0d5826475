/** **Meeting controls**: as many as fit, the others behind **More**, and **Leave** at the end. */
import { useSignal } from "@preact/signals";
import { Ellipsis, PhoneOff } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../control/Icon";
import { Menu } from "../control/Menu";
import { strings } from "../strings";
import { useRoom } from "./context";
import { fitting, type order, sharesScreens, type Widths } from "./controls";
import { MoreItem } from "./MoreItem";
import tool from "./Tool.module.css";
import { ToolButton } from "./ToolButton";
import css from "./Toolbar.module.css";
import { useControls } from "./useControls";

const phone: Omit<Widths, "bar"> = { control: 46, leave: 46, gap: 8 };
const desktop: Omit<Widths, "bar"> = { control: 52, leave: 92, gap: 10 };

export function Toolbar() {
  const { room, leave } = useRoom();
  const controls = useControls();
  const bar = useRef<HTMLElement>(null);
  const width = useSignal(0);

  useEffect(() => {
    const element = bar.current;
    if (element === null) {
      return;
    }
    const observer = new ResizeObserver(([entry]) => {
      width.value = entry?.contentRect.width ?? 0;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [width]);

  const narrow = width.value < 600 - 16;
  const { shown, behind } = fitting({ bar: width.value, ...(narrow ? phone : desktop) });
  const there = (name: (typeof order)[number]) => name !== "screen" || sharesScreens(room);
  const unseen = behind.some((name) => (controls[name].badge ?? 0) > 0);
  return (
    <footer ref={bar} class={css["footer"]}>
      <div class={css["bar"]} role="toolbar" aria-label={strings.room.toolbar}>
        {shown.filter(there).map((name) => (
          <ToolButton key={name} control={controls[name]} />
        ))}
        <Menu
          side="above"
          button={(props) => (
            <button
              type="button"
              class={`${tool["tool"]} ${css["tool"]} ${css["more"]}`}
              aria-label={strings.room.more}
              data-control="more"
              {...props}
            >
              <Icon of={Ellipsis} />
              {unseen ? <span class={css["dot"]} /> : null}
            </button>
          )}
        >
          {behind.filter(there).map((name) => (
            <MoreItem key={name} control={controls[name]} />
          ))}
        </Menu>
        <button
          type="button"
          class={`${tool["tool"]} ${css["leave"]}`}
          aria-label={strings.room.leave}
          onClick={leave}
        >
          {narrow ? <Icon of={PhoneOff} /> : strings.room.leave}
        </button>
      </div>
    </footer>
  );
}
