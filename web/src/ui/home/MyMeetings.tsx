/** The meetings that this identity made. */
import { useId } from "preact/hooks";
import { useShell } from "../context";
import { Button } from "../control/Button";
import { strings } from "../strings";
import { sentenceOf } from "../trouble";
import { MeetingRow } from "./MeetingRow";
import css from "./MyMeetings.module.css";

const say = strings.meetings;

export function MyMeetings() {
  const { app } = useShell();
  const heading = useId();
  const { state, meetings, more, trouble } = app.myMeetings.value;
  return (
    <section aria-labelledby={heading} aria-busy={state === "loading"}>
      <h2 id={heading} class={css["title"]}>
        {say.title}
      </h2>
      {meetings.length > 0 ? (
        <ul class={css["list"]}>
          {meetings.map((meeting) => (
            <MeetingRow key={meeting.meetingId} meeting={meeting} />
          ))}
        </ul>
      ) : null}
      {state === "loading" && meetings.length === 0 ? <Waiting /> : null}
      {state === "ready" && meetings.length === 0 ? <p class={css["note"]}>{say.none}</p> : null}
      {state === "failed" ? (
        <div class={css["failed"]} role="alert">
          <p>
            {say.failed} {trouble === undefined ? "" : sentenceOf(trouble)}
          </p>
          <Button size="small" onClick={() => app.loadMyMeetings()}>
            {strings.common.retry}
          </Button>
        </div>
      ) : null}
      {more && state !== "failed" ? (
        <div class={css["more"]}>
          <Button kind="quiet" busy={state === "loading"} onClick={() => app.loadMoreMeetings()}>
            {say.more}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

/** Two rows' worth of quiet, so that the list does not push the page when it comes. */
function Waiting() {
  return (
    <div class={css["waiting"]}>
      <span class={css["unseen"]}>{strings.common.loading}</span>
    </div>
  );
}
