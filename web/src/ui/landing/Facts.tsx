/** The meeting in a few lines: ID, host, time, who is inside, and the covered password. */
import type { ComponentChildren } from "preact";
import type { InvitedMeeting, MeetingView } from "../../session/model";
import { dayAndClock, list } from "../format";
import { shortId } from "../person";
import { strings } from "../strings";
import { CoveredPassword } from "./CoveredPassword";
import css from "./Facts.module.css";

const say = strings.landing;
const namesShown = 4;

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div class={css["fact"]}>
      <dt class={css["name"]}>{name}</dt>
      <dd class={css["value"]}>{children}</dd>
    </div>
  );
}

function inside({ inside: count, names }: InvitedMeeting): string {
  if (count === 0) {
    return say.nobody;
  }
  const shown = names.slice(0, namesShown);
  const rest = count - shown.length;
  if (shown.length === 0) {
    return strings.people.count(count);
  }
  return rest > 0 ? `${shown.join(", ")} ${say.andMore(rest)}` : list(shown);
}

interface Props {
  readonly meeting: MeetingView;
  readonly invited: InvitedMeeting | undefined;
}

export function Facts({ meeting, invited }: Props) {
  const now = new Date();
  return (
    <dl class={css["facts"]}>
      {invited === undefined ? null : (
        <Fact name={say.inside}>
          <bdi class={css["clamp"]}>{inside(invited)}</bdi>
        </Fact>
      )}
      <Fact name={say.id}>{meeting.meetingId}</Fact>
      {invited === undefined ? null : (
        <Fact name={say.password}>
          <CoveredPassword password={invited.password} />
        </Fact>
      )}
      <Fact name={say.host}>
        {meeting.isHost ? (
          say.hostYou
        ) : (
          <span title={meeting.hostId}>{shortId(meeting.hostId)}</span>
        )}
      </Fact>
      <Fact name={say.time}>
        <time dateTime={meeting.createdAt.toISOString()}>
          {dayAndClock(meeting.createdAt, now)}
        </time>
      </Fact>
      {meeting.expiresAt === undefined ? null : (
        <Fact name={say.ends}>
          <time dateTime={meeting.expiresAt.toISOString()}>
            {dayAndClock(meeting.expiresAt, now)}
          </time>
        </Fact>
      )}
    </dl>
  );
}
