/** `/`: make a meeting, join one, find one's own again. */
import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { useShell } from "../context";
import { Header } from "../control/Header";
import { UnableNote } from "../landing/DoorNotes";
import { InvitationOnlyPage } from "../page/InvitationOnlyPage";
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

  const invitationOnly = useSignal(false);
  const unable = useId();
  if (invitationOnly.value) {
    return (
      <InvitationOnlyPage
        onHome={() => {
          invitationOnly.value = false;
        }}
      />
    );
  }
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
          {app.encryptable ? null : (
            <div class={css["unable"]}>
              <UnableNote id={unable} />
            </div>
          )}
          <CreateForm />
        </section>
        <JoinForm
          onInvitationOnly={() => {
            invitationOnly.value = true;
          }}
        />
        <MyMeetings />
      </main>
    </>
  );
}
