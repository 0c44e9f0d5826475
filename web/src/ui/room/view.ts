/** What a person has opened and arranged in the room: one's own, never shared. */
import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Room, Tile } from "../../session/model";
import { type Compared, notCompared } from "./safety/verdict";

export type Panel = "chat" | "people" | "invite" | "connections";
export type Popup = "settings" | "keys" | "safety";

const storedKeys = "parley.single-keys";

function stored(): boolean {
  try {
    return localStorage.getItem(storedKeys) !== "off";
  } catch {
    return true;
  }
}

export class RoomUi {
  readonly panel = signal<Panel | undefined>(undefined);
  readonly popup = signal<Popup | undefined>(undefined);
  readonly pinned = signal<string | undefined>(undefined);
  readonly talking = signal(false);
  readonly singleKeys = signal(stored());
  /** What was made of the safety code. It ends with the page: the next stay has other keys. */
  readonly compared = signal<Compared>(notCompared);
  /** How far down from the top of the tiles no name stands, in CSS pixels. */
  readonly headroom = signal(Number.POSITIVE_INFINITY);
  /** Chosen by hand; undefined leaves it to whether a screen is shared. */
  readonly #layout = signal<"grid" | "speaker" | undefined>(undefined);
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  /** The tile on the stage; undefined is the grid. */
  readonly stage: ReadonlySignal<string | undefined> = computed(() => {
    const tiles = this.#room.tiles.value;
    const has = (key: string | undefined) => tiles.some((tile) => tile.key === key);
    if (has(this.pinned.value)) {
      return this.pinned.value;
    }
    const screen = firstScreen(tiles);
    const wanted = this.#layout.value ?? (screen === undefined ? "grid" : "speaker");
    if (wanted === "grid" || tiles.length < 2) {
      return undefined;
    }
    const speaker = this.#room.speaker.value;
    return has(speaker) ? speaker : (screen ?? firstOther(tiles))?.key;
  });

  toggleLayout(): void {
    batch(() => {
      this.#layout.value = this.stage.peek() === undefined ? "speaker" : "grid";
      this.pinned.value = undefined;
    });
  }

  /** A new screen takes the stage, whatever was arranged before. */
  makeRoomForScreen(): void {
    batch(() => {
      this.#layout.value = undefined;
      this.pinned.value = undefined;
    });
  }

  pin(key: string): void {
    this.pinned.value = this.pinned.peek() === key ? undefined : key;
  }

  toggle(panel: Panel): void {
    this.panel.value = this.panel.peek() === panel ? undefined : panel;
  }

  setSingleKeys(on: boolean): void {
    this.singleKeys.value = on;
    try {
      localStorage.setItem(storedKeys, on ? "on" : "off");
    } catch {
      // A browser without storage forgets it with the page.
    }
  }
}

function firstScreen(tiles: readonly Tile[]): Tile | undefined {
  return tiles.find((tile) => tile.source === "screen");
}

function firstOther(tiles: readonly Tile[]): Tile | undefined {
  return tiles.find((tile) => !tile.person.isSelf) ?? tiles[0];
}
