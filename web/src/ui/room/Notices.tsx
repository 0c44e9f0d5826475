/** What happened, as lines that go by themselves; what asks for something stays until it is dismissed. They stand above the first row of names. */
import { X } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { Notice } from "../../session/model";
import { Icon } from "../control/Icon";
import { strings } from "../strings";
import { sentenceOf } from "../trouble";
import { useRoom } from "./context";
import css from "./Notices.module.css";

const shownAtOnce = 3;
const lasts = 6000;

/** The most that one line takes of the room above the names, with its gap, and where the first begins. */
const lineHeight = 52;
const top = 8;

/** How many lines stand above the first row of names: none means one, and that a short one. */
function linesIn(headroom: number): number {
  return Math.max(0, Math.min(shownAtOnce, Math.floor((headroom - top) / lineHeight)));
}

const passing: readonly Notice["code"][] = [
  "joined",
  "left",
  "lost",
  "removed",
  "reconnecting",
  "reconnected",
  "to-node",
  "to-helper",
  "to-mesh",
  "recording",
  "recording-over",
  "host",
  "policy",
];

/** A line of its own: alarms stand elsewhere. */
type LineNotice = Notice & { readonly code: Exclude<Notice["code"], "alarm"> };

const isLine = (notice: Notice): notice is LineNotice => notice.code !== "alarm";

/** A notice as a sentence. */
function noticeText({ code, name, trouble }: LineNotice): string {
  const say = strings.notice;
  const who = name ?? say.somebody;
  switch (code) {
    case "joined":
    case "left":
    case "lost":
    case "removed":
    case "host":
    case "to-node":
    case "recording":
    case "recording-over":
      return say[code](who);
    default:
      return trouble === undefined ? say[code] : sentenceOf(trouble);
  }
}

export function Notices() {
  const { room, ui } = useRoom();
  const lines = linesIn(ui.headroom.value);
  const notices = room.notices.value.filter(isLine).slice(-Math.max(1, lines));
  return (
    <div
      class={`${css["notices"]} ${lines === 0 ? css["tight"] : ""}`}
      role="log"
      aria-live="polite"
      aria-relevant="additions"
    >
      {notices.map((notice) => (
        <Line key={notice.id} notice={notice} onDismiss={() => room.dismissNotice(notice.id)} />
      ))}
      {ui.talking.value ? <p class={css["line"]}>{strings.room.talking}</p> : null}
    </div>
  );
}

interface LineProps {
  readonly notice: LineNotice;
  readonly onDismiss: () => void;
}

function Line({ notice, onDismiss }: LineProps) {
  const goes = passing.includes(notice.code);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a line's time begins when it appears
  useEffect(() => {
    if (!goes) {
      return;
    }
    const timer = setTimeout(onDismiss, lasts);
    return () => clearTimeout(timer);
  }, [notice.id]);
  return (
    <div class={css["line"]}>
      <bdi class={css["text"]} title={noticeText(notice)}>
        {noticeText(notice)}
      </bdi>
      {goes ? null : (
        <button
          type="button"
          class={css["dismiss"]}
          aria-label={strings.notice.dismiss}
          onClick={onDismiss}
        >
          <Icon of={X} small />
        </button>
      )}
    </div>
  );
}
