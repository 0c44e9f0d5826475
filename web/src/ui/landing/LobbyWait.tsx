/** The lobby's place while the meeting is looked up. */
import { Header } from "../control/Header";
import { usePageTitle } from "../page/title";
import { strings } from "../strings";
import css from "./Lobby.module.css";

export function LobbyWait({ text }: { readonly text?: string }) {
  usePageTitle("");
  return (
    <>
      <Header />
      <main class={css["page"]} aria-busy="true">
        <div class={css["blank"]} />
        <p class={css["wait"]} role="status">
          {text ?? strings.landing.waiting}
        </p>
      </main>
    </>
  );
}
