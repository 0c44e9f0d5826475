/** One of one's own meetings: who is inside, when, the way in, and what else can be done with it. */
import { useSignal } from "@preact/signals";
import { Ellipsis, KeyRound, QrCode, Trash } from "lucide-preact";
import type { MyMeeting } from "../../session/model";
import { useShell } from "../context";
import { Button } from "../control/Button";
import { Icon } from "../control/Icon";
import { Menu, MenuItem } from "../control/Menu";
import { day, dayAndClock } from "../format";
import { address } from "../router";
import { strings } from "../strings";
import { MeetingDialogs, type Wanted } from "./MeetingDialogs";
import css from "./MeetingRow.module.css";

const say = strings.meetings;

export function MeetingRow({ meeting }: { readonly meeting: MyMeeting }) {
  const { router } = useShell();
  const wanted = useSignal<Wanted | undefined>(undefined);
  const { title, meetingId, participants, createdAt, expiresAt } = meeting;
  const now = new Date();
  return (
    <li class={css["row"]}>
      <div class={css["words"]}>
        <bdi class={css["title"]} title={title}>
          {title}
        </bdi>
        <span class={css["id"]}>{meetingId}</span>
      </div>
      <div class={css["facts"]}>
        <span class={participants > 0 ? css["inside"] : ""}>
          {participants > 0 ? say.inside(participants) : say.empty}
        </span>
        <time dateTime={(expiresAt ?? createdAt).toISOString()}>
          {expiresAt === undefined ? dayAndClock(createdAt, now) : say.ends(day(expiresAt, now))}
        </time>
      </div>
      <div class={css["actions"]}>
        <Button
          size="small"
          aria-label={say.openTitle(title)}
          onClick={() => router.go(address.room(meetingId))}
        >
          {say.open}
        </Button>
        <Menu
          button={(props) => (
            <Button kind="quiet" size="icon" aria-label={say.menu(title)} {...props}>
              <Icon of={Ellipsis} />
            </Button>
          )}
        >
          <MenuItem
            icon={<Icon of={QrCode} />}
            onClick={() => {
              wanted.value = "invite";
            }}
          >
            {say.invite}
          </MenuItem>
          <MenuItem
            icon={<Icon of={KeyRound} />}
            onClick={() => {
              wanted.value = "renew";
            }}
          >
            {say.renew}
          </MenuItem>
          <MenuItem
            danger
            icon={<Icon of={Trash} />}
            onClick={() => {
              wanted.value = "remove";
            }}
          >
            {say.remove}
          </MenuItem>
        </Menu>
      </div>
      {wanted.value === undefined ? null : (
        <MeetingDialogs
          meeting={meeting}
          wanted={wanted.value}
          onClose={() => {
            wanted.value = undefined;
          }}
        />
      )}
    </li>
  );
}
