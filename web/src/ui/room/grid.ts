/** Where tiles go: pure geometry, in CSS pixels. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Place extends Size {
  readonly x: number;
  readonly y: number;
}

export interface Arrangement {
  /** One for each tile, in the tiles' order. */
  readonly places: readonly Place[];
  /** What the places need; larger than the area where it must scroll. */
  readonly plane: Size;
}

/** Wider than this a face is lost in its background. */
const widest = 16 / 9;
/** Narrower than this a face is cut; upright screens show upright pictures. */
const narrowest = (area: Size) => (area.height > area.width ? 9 / 16 : 0.9);
/** Smaller than this nobody is recognised, and the grid scrolls instead. */
const smallest: Size = { width: 96, height: 64 };

/** The largest tile of an allowed shape that fits into a cell. */
function tileIn(cell: Size, area: Size): Size {
  const width = Math.min(cell.width, cell.height * widest);
  const height = Math.min(cell.height, width / narrowest(area));
  return { width: Math.floor(width), height: Math.floor(height) };
}

function cellOf(columns: number, rows: number, area: Size, gap: number): Size {
  return {
    width: (area.width - gap * (columns - 1)) / columns,
    height: (area.height - gap * (rows - 1)) / rows,
  };
}

interface Rows {
  readonly count: number;
  readonly columns: number;
  readonly tile: Size;
  readonly gap: number;
}

/** Rows of equal tiles in the middle of the area; the last one is centred. */
function place({ count, columns, tile, gap }: Rows, area: Size): Arrangement {
  const rows = Math.ceil(count / columns);
  const height = rows * tile.height + (rows - 1) * gap;
  const top = Math.max(0, (area.height - height) / 2);
  const places = Array.from({ length: count }, (_, at): Place => {
    const row = Math.floor(at / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const width = inRow * tile.width + (inRow - 1) * gap;
    return {
      x: Math.round((area.width - width) / 2 + (at % columns) * (tile.width + gap)),
      y: Math.round(top + row * (tile.height + gap)),
      ...tile,
    };
  });
  return { places, plane: { width: area.width, height: Math.max(area.height, height) } };
}

/** The columns that make the tiles largest; of equals the fewest. */
export function gridOf(count: number, area: Size, gap: number): Arrangement {
  if (count === 0 || area.width <= 0 || area.height <= 0) {
    return { places: [], plane: area };
  }
  let columns = 1;
  let tile: Size = { width: 0, height: 0 };
  for (let tried = 1; tried <= count; tried++) {
    const found = tileIn(cellOf(tried, Math.ceil(count / tried), area, gap), area);
    if (found.width * found.height > tile.width * tile.height) {
      columns = tried;
      tile = found;
    }
  }
  if (tile.width < smallest.width || tile.height < smallest.height) {
    columns = Math.max(1, Math.floor((area.width + gap) / (smallest.width + gap)));
    const width = Math.floor(cellOf(columns, 1, area, gap).width);
    tile = { width, height: Math.round(width * 0.75) };
  }
  return place({ count, columns, tile, gap }, area);
}

/**
 * One tile on the stage, the others in a strip: at the side, or below on an
 * upright screen. The strip scrolls; the stage keeps its place (`x`, `y` 0).
 */
export function stageOf(count: number, stage: number, area: Size, gap: number): Arrangement {
  const others = count - 1;
  if (others <= 0 || area.width <= 0 || area.height <= 0) {
    return gridOf(count, area, gap).places.length === 0
      ? { places: [], plane: area }
      : { places: [{ x: 0, y: 0, ...area }], plane: area };
  }
  const upright = area.height > area.width;
  const strip: Size = upright
    ? sized(Math.min(120, Math.max(72, area.height * 0.2)), 4 / 3)
    : sized(
        Math.min(Math.max(135, area.height * 0.15), Math.max(68, (area.width * 0.18 * 9) / 16)),
        16 / 9,
      );
  const main: Place = upright
    ? { x: 0, y: 0, width: area.width, height: area.height - strip.height - gap }
    : { x: 0, y: 0, width: area.width - strip.width - gap, height: area.height };
  const places: Place[] = [];
  for (let at = 0; at < count; at++) {
    const nth = at < stage ? at : at - 1;
    places.push(
      at === stage
        ? main
        : {
            x: upright ? nth * (strip.width + gap) : main.width + gap,
            y: upright ? main.height + gap : nth * (strip.height + gap),
            ...strip,
          },
    );
  }
  const length = others * ((upright ? strip.width : strip.height) + gap) - gap;
  return {
    places,
    plane: upright
      ? { width: Math.max(area.width, length), height: area.height }
      : { width: area.width, height: Math.max(area.height, length) },
  };
}

/** What a name takes of its tile's lower edge: less on a small tile, as its style has it. */
function nameHeight({ width, height }: Size): number {
  return width <= 220 || height <= 150 ? 29 : 37;
}

/** How far down from the area's top no name stands: names are at the lower edge of tiles. */
export function headroomOf({ places }: Arrangement): number {
  return Math.min(...places.map((tile) => tile.y + tile.height - nameHeight(tile)));
}

function sized(height: number, shape: number): Size {
  return { width: Math.round(height * shape), height: Math.round(height) };
}
