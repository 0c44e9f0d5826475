/** `/`: make a meeting, join one, find one's own again. */
import { useEffect } from "preact/hooks";
import { useShell } from "../context";
import { Header } from "../control/Header";
import { usePageTitle } from "../page/title";
import { strings } from "../strings";
import { CreateForm } from "./CreateForm";
import css from "./HomePage.module.css";
import { JoinForm } from "./JoinForm";
import { MyMeetings } from "./MyMeetings";

export function HomePage() {
  const { app } = useShell();
  usePageTitle(strings.home.window);
  useEffect(() => {
    app.loadMyMeetings();
  }, [app]);

  const [first, second] = strings.home.hero;
  return (
    <>
      <Header />
      <main class={css["page"]}>
        <section class={css["hero"]}>
          <h1 class={css["title"]}>
            {first}
            <br />
            {second}
          </h1>
          <p class={css["lead"]}>{strings.home.lead}</p>
          <CreateForm />
        </section>
        <JoinForm />
        <MyMeetings />
      </main>
    </>
  );
}
