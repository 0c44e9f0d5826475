/** A track on screen. Sound never comes from here: it would echo, or play twice. */
import { useEffect, useRef } from "preact/hooks";
import css from "./Video.module.css";

interface Props {
  readonly track: MediaStreamTrack | undefined;
  readonly mirrored?: boolean;
  /** A screen is shown whole, a face fills its tile. */
  readonly whole?: boolean;
}

export function Video({ track, mirrored, whole }: Props) {
  const video = useRef<HTMLVideoElement>(null);

  useEffect(() => {
    const element = video.current;
    if (element === null) {
      return;
    }
    // Set as properties: as attributes they come too late for some browsers' autoplay rules.
    element.muted = true;
    element.srcObject = track === undefined ? null : new MediaStream([track]);
    if (track !== undefined) {
      element.play().catch(() => undefined);
    }
    return () => {
      element.srcObject = null;
    };
  }, [track]);

  const classes = [css["video"], mirrored ? css["mirrored"] : "", whole ? css["whole"] : ""];
  return (
    <video
      ref={video}
      class={classes.join(" ")}
      hidden={track === undefined}
      autoplay
      playsInline
      muted
      disablePictureInPicture={false}
    />
  );
}
