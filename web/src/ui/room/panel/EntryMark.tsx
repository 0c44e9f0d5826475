/** How somebody came in, in two words, and what that means when it is asked for. */
import { ChevronDown, ShieldCheck, ShieldQuestionMark } from "lucide-preact";
import type { Person } from "../../../session/model";
import { Icon } from "../../control/Icon";
import { strings } from "../../strings";
import { wayOf } from "../entry";
import css from "./EntryMark.module.css";

const say = strings.entry;

/** What somebody's way in means, as a sentence. */
export function entryText(person: Person): string {
  const { name, proved, isSelf } = person;
  if (wayOf(person) === "password") {
    return isSelf ? say.selfVouched : say.vouched(name);
  }
  if (isSelf) {
    return say.selfProved;
  }
  return proved ? say.proved(name) : say.vouchedInvitation(name);
}

interface Props {
  readonly person: Person;
  /** Others came by invitation: who did not stands out. */
  readonly standsOut: boolean;
  readonly open: boolean;
  /** The element with the explanation. */
  readonly explains: string;
  readonly onToggle: () => void;
}

export function EntryMark({ person, standsOut, open, explains, onToggle }: Props) {
  const byInvitation = wayOf(person) === "invitation";
  const tone = byInvitation ? (person.proved ? "proved" : "said") : standsOut ? "warned" : "said";
  return (
    <button
      type="button"
      class={`${css["entry"]} ${css[tone]}`}
      aria-expanded={open}
      aria-controls={explains}
      title={say.explain(person.name)}
      onClick={onToggle}
    >
      <Icon of={byInvitation ? ShieldCheck : ShieldQuestionMark} small />
      {byInvitation ? say.invitation : say.password}
      {byInvitation ? null : (
        <span class={open ? css["up"] : css["down"]}>
          <Icon of={ChevronDown} small />
        </span>
      )}
    </button>
  );
}
