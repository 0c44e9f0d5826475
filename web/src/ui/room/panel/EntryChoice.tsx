/** For the host: whether the password alone lets people in. */
import { useSignal } from "@preact/signals";
import type { Entry, Trouble } from "../../../session/model";
import { Choice } from "../../control/Choice";
import { TroubleLine } from "../../control/TroubleLine";
import { strings } from "../../strings";
import { useRoom } from "../context";
import css from "./EntryChoice.module.css";

const say = strings.entry;

/** Nothing where nobody could prove to be invited. */
export function EntryChoice() {
  const { room } = useRoom();
  const busy = useSignal(false);
  const trouble = useSignal<Trouble | undefined>(undefined);
  if (!(room.meeting.value.isHost && room.hasSecret.value)) {
    return null;
  }
  const choose = async (entry: Entry) => {
    busy.value = true;
    const told = await room.setEntry(entry);
    busy.value = false;
    trouble.value = told.ok ? undefined : told.trouble;
  };
  return (
    <div class={css["entry"]}>
      <Choice
        label={say.only}
        hint={say.onlyHint}
        checked={room.entry.value === "invitation"}
        disabled={busy.value}
        onChange={(on) => choose(on ? "invitation" : "any")}
      />
      <TroubleLine trouble={trouble.value} />
    </div>
  );
}
