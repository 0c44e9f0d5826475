/** Everybody's sound, and the button for browsers that keep it off until they are asked. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { Volume2 } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import type { Sound } from "../../session/model";
import { Button } from "../control/Button";
import { Icon } from "../control/Icon";
import { strings } from "../strings";
import { useRoom } from "./context";
import css from "./Sounds.module.css";

export function Sounds() {
  const { room } = useRoom();
  const blocked = useSignal(false);
  const all = useRef<HTMLDivElement>(null);
  return (
    <>
      <div ref={all} hidden>
        {room.sounds.value.map((sound) => (
          <Player
            key={sound.key}
            sound={sound}
            onBlocked={() => {
              blocked.value = true;
            }}
          />
        ))}
      </div>
      {blocked.value ? (
        <div class={css["blocked"]} role="alert">
          <p>{strings.room.soundBlocked}</p>
          <Button
            kind="primary"
            size="small"
            onClick={() => {
              blocked.value = false;
              for (const audio of all.current?.querySelectorAll("audio") ?? []) {
                play(audio, () => {
                  blocked.value = true;
                });
              }
            }}
          >
            <Icon of={Volume2} />
            {strings.room.soundOn}
          </Button>
        </div>
      ) : null}
    </>
  );
}

function play(audio: HTMLAudioElement, onBlocked: () => void): void {
  audio.play().catch((reason: unknown) => {
    // An element that was taken away meanwhile aborts: that is no refusal.
    if (reason instanceof DOMException && reason.name === "NotAllowedError") {
      onBlocked();
    }
  });
}

interface PlayerProps {
  readonly sound: Sound;
  readonly onBlocked: () => void;
}

function Player({ sound, onBlocked }: PlayerProps) {
  const { app } = useRoom();
  const audio = useRef<HTMLAudioElement>(null);
  const { track, muted } = sound;

  // biome-ignore lint/correctness/useExhaustiveDependencies: only another track is another stream
  useEffect(() => {
    const element = audio.current;
    if (element === null) {
      return;
    }
    element.srcObject = new MediaStream([track]);
    play(element, onBlocked);
    return () => {
      element.srcObject = null;
    };
  }, [track]);

  useSignalEffect(() => {
    const speaker = app.devices.chosen.value.speaker;
    const element = audio.current;
    if (element !== null && speaker !== undefined && "setSinkId" in element) {
      // A speaker that is gone: the system's own goes on sounding.
      element.setSinkId(speaker).catch(() => undefined);
    }
  });

  return <audio ref={audio} autoplay muted={muted} />;
}
