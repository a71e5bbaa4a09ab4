import { computeRowsLayout } from "react-photo-album";
import type { Photo } from "../api/types";

/** A photo in its place. All lengths are CSS pixels; `index` counts through the whole grid. */
export interface Tile<T extends Photo> {
  photo: T;
  index: number;
  row: number;
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A part of the grid that is laid out for itself, so that what came before does not move. */
export interface Block<T extends Photo> {
  tiles: Tile<T>[];
  height: number;
}

export type Move = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" | "Home" | "End";

// A last row with a photo or two is at most this many times as high as the others.
const MOST = 1.3;
// A panorama gets a tile no flatter, and a tall one no narrower, than these.
const FLATTEST = 3;
const NARROWEST = 0.45;

/** Justified rows, block by block. */
export function layOut<T extends Photo>(
  blocks: readonly (readonly T[])[],
  width: number,
  gap: number,
  rowHeight: number,
): Block<T>[] {
  if (width <= 0) return [];
  let index = 0;
  let row = 0;
  return blocks.map((photos) => {
    const items = photos.map((photo) => ({ width: shape(photo), height: 1, src: "", photo }));
    const tiles: Tile<T>[] = [];
    let top = 0;
    for (const track of computeRowsLayout(items, gap, 0, width, rowHeight, 1)?.tracks ?? []) {
      const full = track.photos[0]?.height ?? rowHeight;
      const height = Math.min(full, rowHeight * MOST);
      let left = 0;
      for (const { photo: item, width: wide } of track.photos) {
        const tile = { left, top, width: (wide * height) / full, height };
        tiles.push({ photo: item.photo, index, row, ...tile });
        left += tile.width + gap;
        index += 1;
      }
      top += height + gap;
      row += 1;
    }
    return { tiles, height: top };
  });
}

/** How high rows should be in a grid of that width. */
export function rowHeightFor(width: number): number {
  return Math.min(220, Math.max(132, width / 6));
}

/** The index to go to from `at`; up and down go where the tile's middle is. */
export function neighbour<T extends Photo>(
  blocks: readonly Block<T>[],
  at: number,
  move: Move,
): number {
  const tiles = blocks.flatMap((block) => block.tiles);
  const last = Math.max(0, tiles.length - 1);
  if (move === "Home") return 0;
  if (move === "End") return last;
  if (move === "ArrowLeft") return Math.max(0, at - 1);
  if (move === "ArrowRight") return Math.min(last, at + 1);
  const here = tiles[at];
  if (!here) return 0;
  const row = here.row + (move === "ArrowUp" ? -1 : 1);
  const distance = (tile: Tile<T>) => Math.abs(middle(tile) - middle(here));
  return tiles
    .filter((tile) => tile.row === row)
    .reduce((best, tile) => (distance(tile) < distance(best) || best === here ? tile : best), here)
    .index;
}

function middle<T extends Photo>(tile: Tile<T>): number {
  return tile.left + tile.width / 2;
}

function shape(photo: Photo): number {
  return Math.min(FLATTEST, Math.max(NARROWEST, photo.width / photo.height || 1));
}
