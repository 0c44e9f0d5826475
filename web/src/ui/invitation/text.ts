/** An invitation as a message to somebody. */
import type { InvitedMeeting } from "../../session/model";
import { strings } from "../strings";

type Invitation = Pick<InvitedMeeting, "title" | "link" | "meetingId" | "password">;

export function asText({ title, link, meetingId, password }: Invitation): string {
  return strings.invitation.asText(title, link, meetingId, password);
}

/** RFC 6068: the title is other people's text and must not add headers. */
export function mailto(meeting: Invitation): string {
  const subject = encodeURIComponent(strings.invitation.shareTitle(meeting.title));
  const body = encodeURIComponent(asText(meeting).replace(/\n/g, "\r\n"));
  return `mailto:?subject=${subject}&body=${body}`;
}
