/** The line at the top of the pages outside a room: the mark, and who one is. */
import { useSignal } from "@preact/signals";
import { useShell } from "../context";
import { strings } from "../strings";
import css from "./Header.module.css";
import { Link } from "./Link";
import { Mark } from "./Mark";
import { NameDialog } from "./NameDialog";

export function Header() {
  const { app } = useShell();
  const changing = useSignal(false);
  const identity = app.identity.value;
  const name = app.name.value;
  return (
    <header class={css["header"]}>
      <Link to="/" class={css["home"]}>
        <Mark />
        {strings.product}
      </Link>
      {identity === undefined ? null : (
        <button
          type="button"
          class={css["self"]}
          aria-haspopup="dialog"
          aria-label={`${name || strings.common.nameless} · ${identity.short}, ${strings.identity.change}`}
          title={strings.identity.change}
          onClick={() => {
            changing.value = true;
          }}
        >
          <bdi class={css["name"]}>{name || strings.common.nameless}</bdi>
          <span class={css["dot"]}>·</span>
          <span class={css["key"]}>{identity.short}</span>
        </button>
      )}
      {changing.value ? (
        <NameDialog
          onClose={() => {
            changing.value = false;
          }}
        />
      ) : null}
    </header>
  );
}
