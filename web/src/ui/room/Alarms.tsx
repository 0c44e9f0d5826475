/** What looks like an attack: in the page's flow, so that it covers nobody, read out at once, until it is dismissed. */
import { ShieldAlert, X } from "lucide-preact";
import type { AlarmView, Notice, Room } from "../../session/model";
import { Button } from "../control/Button";
import { Icon } from "../control/Icon";
import { strings } from "../strings";
import css from "./Alarms.module.css";
import { useRoom } from "./context";

const say = strings.alarms;

/** The newest (on a phone one alone); what stood before follows when they are dismissed. */
const shownAtOnce = 2;

/** After these, comparing the code is the next step. */
const compares: readonly AlarmView["code"][] = ["other-host", "altered", "replayed", "forged"];

type Alarm = Notice & { readonly alarm: AlarmView };

/** What is not dismissed yet, the newest last. */
export function alarmsOf(room: Room): readonly Alarm[] {
  return room.notices.value.filter((notice): notice is Alarm => notice.alarm !== undefined);
}

/** An alarm as a sentence. */
export function alarmText({ code, name }: AlarmView): string {
  return strings.alarm[code](name === undefined || name === "" ? undefined : name);
}

export function Alarms() {
  const alarms = alarmsOf(useRoom().room);
  const more = alarms.length - shownAtOnce;
  return (
    <section
      class={css["alarms"]}
      aria-label={say.region}
      aria-live="assertive"
      aria-relevant="additions"
    >
      {alarms
        .slice(-shownAtOnce)
        .reverse()
        .map((notice) => (
          <Line key={notice.id} notice={notice} />
        ))}
      {more > 0 ? <p class={css["more"]}>{say.more(more)}</p> : null}
      {alarms.length > 1 ? <p class={css["others"]}>{say.more(alarms.length - 1)}</p> : null}
    </section>
  );
}

function Line({ notice: { id, alarm } }: { readonly notice: Alarm }) {
  const { room, ui } = useRoom();
  return (
    <div class={css["alarm"]}>
      <span class={css["mark"]}>
        <Icon of={ShieldAlert} />
      </span>
      <bdi class={css["text"]}>{alarmText(alarm)}</bdi>
      {compares.includes(alarm.code) ? (
        <span class={css["compare"]}>
          <Button
            size="small"
            onClick={() => {
              ui.popup.value = "safety";
            }}
          >
            {say.compare}
          </Button>
        </span>
      ) : null}
      <span class={css["dismiss"]}>
        <Button
          kind="quiet"
          size="icon"
          aria-label={say.dismiss}
          onClick={() => room.dismissNotice(id)}
        >
          <Icon of={X} />
        </Button>
      </span>
    </div>
  );
}
