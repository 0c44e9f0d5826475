/** Where one writes. Enter sends, Shift+Enter breaks the line; what could not be sent stays in the field. */
import { useSignal } from "@preact/signals";
import { SendHorizontal } from "lucide-preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Trouble } from "../../../session/model";
import { Button } from "../../control/Button";
import { Icon } from "../../control/Icon";
import { chatLimit } from "../../limits";
import { strings } from "../../strings";
import { sentenceOf } from "../../trouble";
import { useRoom } from "../context";
import css from "./Composer.module.css";

const say = strings.chat;

export function Composer() {
  const { room } = useRoom();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const text = useSignal("");
  const sending = useSignal(false);
  const trouble = useSignal<Trouble | undefined>(undefined);
  const over = [...text.value.trim()].length - chatLimit;

  // A phone's keyboard would cover the chat before anything was read.
  useEffect(() => {
    if (matchMedia("(hover: hover)").matches) {
      field.current?.focus();
    }
  }, []);

  if (!room.canChat.value) {
    return <p class={css["closed"]}>{say.closed}</p>;
  }

  const send = async () => {
    const wanted = text.value.trim();
    if (wanted === "" || over > 0 || sending.value) {
      return;
    }
    sending.value = true;
    const result = await room.say(wanted);
    sending.value = false;
    trouble.value = result.ok ? undefined : result.trouble;
    if (result.ok) {
      text.value = "";
    }
    field.current?.focus();
  };

  const error = over > 0 ? say.tooLong(over) : trouble.value ? sentenceOf(trouble.value) : "";
  return (
    <form
      class={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        class={css["field"]}
        aria-label={say.message}
        aria-describedby={error === "" ? undefined : id}
        aria-invalid={error === "" ? undefined : "true"}
        placeholder={say.placeholder}
        rows={1}
        dir="auto"
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          trouble.value = undefined;
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            send();
          }
        }}
      />
      <Button type="submit" size="icon" kind="primary" aria-label={say.send} busy={sending.value}>
        {sending.value ? null : <Icon of={SendHorizontal} />}
      </Button>
      <p id={id} class={css["error"]} role="alert">
        {error}
      </p>
    </form>
  );
}
