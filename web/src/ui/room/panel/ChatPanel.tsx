/** The chat: who wrote what when, newest at the end, and a place to write. */
import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ChatLine } from "../../../session/model";
import { Avatar } from "../../control/Avatar";
import { clock } from "../../format";
import { strings } from "../../strings";
import { useRoom } from "../context";
import css from "./ChatPanel.module.css";
import { Composer } from "./Composer";
import { piecesOf } from "./links";
import { PanelFrame } from "./PanelFrame";

/** Lines of one person this close together stand under one name. */
const together = 3 * 60_000;

function follows(line: ChatLine, before: ChatLine | undefined): boolean {
  return before?.from === line.from && line.at.getTime() - before.at.getTime() < together;
}

export function ChatPanel() {
  const { room } = useRoom();
  const list = useRef<HTMLOListElement>(null);
  const lines = room.chat.value;

  useSignalEffect(() => {
    if (room.unread.value > 0) {
      room.chatSeen();
    }
  });

  // The newest line stays in sight, unless somebody is reading further up.
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line scrolls
  useEffect(() => {
    const scroller = list.current?.parentElement;
    if (scroller && atEnd.current) {
      scroller.scrollTop = scroller.scrollHeight;
    }
  }, [lines.length]);
  useEffect(() => {
    const scroller = list.current?.parentElement;
    const look = () => {
      if (scroller) {
        atEnd.current = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 48;
      }
    };
    scroller?.addEventListener("scroll", look, { passive: true });
    return () => scroller?.removeEventListener("scroll", look);
  }, []);

  return (
    <PanelFrame title={strings.room.chat} live focusesItself foot={<Composer />}>
      <ol ref={list} class={css["list"]}>
        {lines.map((line, at) => (
          <Line key={line.id} line={line} follows={follows(line, lines[at - 1])} />
        ))}
      </ol>
      {lines.length === 0 ? <p class={css["empty"]}>{strings.chat.empty}</p> : null}
    </PanelFrame>
  );
}

function Line({ line, follows: under }: { readonly line: ChatLine; readonly follows: boolean }) {
  return (
    <li class={`${css["line"]} ${under ? css["under"] : ""}`}>
      {under ? null : (
        <>
          <Avatar peerId={line.from} name={line.name} />
          <div class={css["who"]}>
            <bdi class={css["name"]}>{line.isSelf ? strings.chat.self : line.name}</bdi>
            <time class={css["time"]} dateTime={line.at.toISOString()}>
              {clock(line.at)}
            </time>
          </div>
        </>
      )}
      <p class={css["text"]} dir="auto">
        {piecesOf(line.text).map((piece, at) =>
          piece.href === undefined ? (
            piece.text
          ) : (
            <a key={at} href={piece.href} target="_blank" rel="noreferrer noopener">
              {piece.text}
            </a>
          ),
        )}
      </p>
    </li>
  );
}
