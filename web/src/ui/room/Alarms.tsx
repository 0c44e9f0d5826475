/** What looks like an attack: in the page's flow, so that it covers nobody, read out at once, until it is dismissed. */
import { ShieldAlert, X } from "lucide-preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { AlarmView, Notice, Room } from "../../session/model";
import { Button } from "../control/Button";
import { Icon } from "../control/Icon";
import { strings } from "../strings";
import css from "./Alarms.module.css";
import { useRoom } from "./context";
import { Compare } from "./safety/Compare";

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
export function alarmText({ code, name, helper }: AlarmView): string {
  const who = helper === true ? strings.connections.helper : name;
  return strings.alarm[code](who === "" ? undefined : who);
}

export function Alarms() {
  const { room } = useRoom();
  const section = useRef<HTMLElement>(null);
  const dismissed = useRef(false);
  const alarms = alarmsOf(room);
  const more = alarms.length - shownAtOnce;

  // The focus goes on to the next one, or to the lock: the button that had it is gone.
  useLayoutEffect(() => {
    if (dismissed.current) {
      dismissed.current = false;
      const next =
        section.current?.querySelector<HTMLElement>("[data-dismisses]") ??
        document.querySelector<HTMLElement>('[data-control="safety"]');
      next?.focus();
    }
  });

  return (
    <section
      ref={section}
      class={css["alarms"]}
      aria-label={say.region}
      aria-live="assertive"
      aria-relevant="additions"
    >
      {alarms
        .slice(-shownAtOnce)
        .reverse()
        .map((notice) => (
          <Line
            key={notice.id}
            alarm={notice.alarm}
            onDismiss={() => {
              dismissed.current = true;
              room.dismissNotice(notice.id);
            }}
          />
        ))}
      {more > 0 ? <p class={css["more"]}>{say.more(more)}</p> : null}
      {alarms.length > 1 ? <p class={css["others"]}>{say.more(alarms.length - 1)}</p> : null}
    </section>
  );
}

interface LineProps {
  readonly alarm: AlarmView;
  readonly onDismiss: () => void;
}

function Line({ alarm, onDismiss }: LineProps) {
  return (
    <div class={css["alarm"]}>
      <span class={css["mark"]}>
        <Icon of={ShieldAlert} />
      </span>
      <bdi class={css["text"]}>{alarmText(alarm)}</bdi>
      {compares.includes(alarm.code) ? (
        <span class={css["compare"]}>
          <Compare>{say.compare}</Compare>
        </span>
      ) : null}
      <span class={css["dismiss"]}>
        <Button
          kind="quiet"
          size="icon"
          aria-label={say.dismiss}
          data-dismisses
          onClick={onDismiss}
        >
          <Icon of={X} />
        </Button>
      </span>
    </div>
  );
}
