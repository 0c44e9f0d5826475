/** Everybody's pictures, placed by `grid.ts` in one plane, so that a change of layout moves tiles and never remakes them. */
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { strings } from "../strings";
import { useRoom } from "./context";
import { someInvited, wayOf } from "./entry";
import { type Arrangement, gridOf, headroomOf, type Size, stageOf } from "./grid";
import { ShownTiles } from "./shown";
import css from "./Tiles.module.css";
import { TileView } from "./TileView";

const px = (value: number) => `${value}px`;

export function Tiles() {
  const { room, ui } = useRoom();
  const frame = useRef<HTMLDivElement>(null);
  const area = useSignal<Size & { readonly gap: number }>({ width: 0, height: 0, gap: 12 });

  const shown = useMemo(() => new ShownTiles((list) => room.show(list)), [room]);
  useEffect(() => () => shown.close(), [shown]);

  useEffect(() => {
    const element = frame.current;
    if (element === null) {
      return;
    }
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) {
        const { width, height } = entry.contentRect;
        const gap = Number.parseFloat(getComputedStyle(element).getPropertyValue("--gap")) || 12;
        area.value = { width: Math.floor(width), height: Math.floor(height), gap };
      }
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [area]);

  const arranged = useComputed<Arrangement>(() => {
    const tiles = room.tiles.value;
    const { gap } = area.value;
    const stage = tiles.findIndex((tile) => tile.key === ui.stage.value);
    return stage === -1
      ? gridOf(tiles.length, area.value, gap)
      : stageOf(tiles.length, stage, area.value, gap);
  });

  useSignalEffect(() => {
    ui.headroom.value = headroomOf(arranged.value);
  });

  const { places, plane } = arranged.value;
  const stage = ui.stage.value;
  const invited = someInvited(room.people.value);
  const { width, height } = area.value;
  const scrolls = plane.width > width || plane.height > height;
  return (
    <section
      ref={frame}
      class={css["frame"]}
      aria-label={strings.room.tiles}
      tabIndex={scrolls ? 0 : undefined}
    >
      <div
        class={css["plane"]}
        style={{ width: px(plane.width), height: px(plane.height) }}
        data-ready={places.length > 0 ? "" : undefined}
      >
        {room.tiles.value.map((tile, at) => {
          const place = places[at];
          return (
            <TileView
              key={tile.key}
              tile={tile}
              place={place}
              onStage={tile.key === stage}
              pinned={ui.pinned.value === tile.key}
              shown={shown}
              unproved={invited && wayOf(tile.person) === "password"}
              onPin={() => ui.pin(tile.key)}
            />
          );
        })}
      </div>
    </section>
  );
}
