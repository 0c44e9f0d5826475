/**
 * A track on screen. Sound never comes from here: it would echo, or play twice.
 * When the same picture comes by another track, the one before stays until the
 * first frame of the new one is there: nobody sees a gap.
 */
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import css from "./Video.module.css";

interface Props {
  readonly track: MediaStreamTrack | undefined;
  readonly mirrored?: boolean;
  /** A screen is shown whole, a face fills its tile. */
  readonly whole?: boolean;
}

export function Video({ track, mirrored, whole }: Props) {
  const before = useSignal<MediaStreamTrack | undefined>(undefined);
  const shown = useRef(track);

  useLayoutEffect(() => {
    if (shown.current !== track) {
      before.value = track === undefined ? undefined : shown.current;
      shown.current = track;
    }
  }, [track, before]);

  const classes = [css["video"], mirrored ? css["mirrored"] : "", whole ? css["whole"] : ""];
  const style = classes.join(" ");
  // Until the effect has run, what is shown is what was.
  const old = shown.current === track ? before.value : shown.current;
  return (
    <>
      {track === undefined || old === undefined || old === track ? null : (
        <Layer key={old.id} track={old} style={style} />
      )}
      <Layer
        key={track?.id ?? ""}
        track={track}
        style={style}
        onFrame={() => {
          before.value = undefined;
        }}
      />
    </>
  );
}

interface LayerProps {
  readonly track: MediaStreamTrack | undefined;
  readonly style: string;
  readonly onFrame?: () => void;
}

function Layer({ track, style, onFrame }: LayerProps) {
  const video = useRef<HTMLVideoElement>(null);

  // With the element: after the next picture of the page a frame may have gone by.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another track is another stream
  useLayoutEffect(() => {
    const element = video.current;
    if (element === null) {
      return;
    }
    // Set as properties: as attributes they come too late for some browsers' autoplay rules.
    element.muted = true;
    element.srcObject = track === undefined ? null : new MediaStream([track]);
    if (track !== undefined) {
      element.play().catch(() => undefined);
      onFirstFrame(element, () => onFrame?.());
    }
    return () => {
      element.srcObject = null;
    };
  }, [track]);

  return (
    <video
      ref={video}
      class={style}
      hidden={track === undefined}
      autoplay
      playsInline
      muted
      disablePictureInPicture={false}
    />
  );
}

/** Not every browser tells of each frame; all tell when there is a first one. */
function onFirstFrame(element: HTMLVideoElement, act: () => void): void {
  if ("requestVideoFrameCallback" in element) {
    element.requestVideoFrameCallback(act);
  } else {
    (element as HTMLVideoElement).addEventListener("loadeddata", act, { once: true });
  }
}
