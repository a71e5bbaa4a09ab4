import { describe, expect, it } from "vitest";
import type { Photo } from "../src/api/types";
import { layOut, neighbour, rowHeightFor } from "../src/grid/rows";

const photo = (id: number, width = 300, height = 200) =>
  ({ id: String(id), width, height }) as Photo;
const many = (count: number) => Array.from({ length: count }, (_, index) => photo(index));

describe("rows", () => {
  it("fill the width, without overlaps", () => {
    const [block] = layOut([many(24)], 1000, 6, 200);
    const tilesOf = (row: number) => (block?.tiles ?? []).filter((tile) => tile.row === row);
    const last = block?.tiles.at(-1)?.row ?? 0;
    expect(last).toBeGreaterThan(3);
    for (let row = 0; row <= last; row += 1) {
      const tiles = tilesOf(row);
      const end = tiles.at(-1);
      expect((end?.left ?? 0) + (end?.width ?? 0)).toBeCloseTo(1000, 3);
      expect(new Set(tiles.map(({ top, height }) => `${top} ${height}`)).size).toBe(1);
    }
  });

  it("do not blow up a single photo, and keep odd shapes within reason", () => {
    const [block] = layOut([[photo(1)]], 1600, 6, 200);
    expect(block?.tiles[0]?.height).toBeLessThanOrEqual(260);
    const [odd] = layOut([[photo(1, 9000, 10), photo(2, 10, 9000), photo(3, 0, 0)]], 800, 6, 200);
    for (const tile of odd?.tiles ?? []) expect(tile.width).toBeGreaterThan(40);
  });

  it("number tiles through all blocks, and what came before does not move", () => {
    const one = layOut([many(9)], 900, 6, 180);
    const two = layOut([many(9), many(7)], 900, 6, 180);
    expect(two[0]).toEqual(one[0]);
    expect(two.flatMap(({ tiles }) => tiles.map(({ index }) => index))).toEqual(
      Array.from({ length: 16 }, (_, index) => index),
    );
  });

  it("are none before the width is known", () => {
    expect(layOut([many(3)], 0, 6, 200)).toEqual([]);
  });

  it("are lower on a phone than on a wide screen", () => {
    expect(rowHeightFor(360)).toBeLessThan(rowHeightFor(1600));
  });
});

describe("arrow keys", () => {
  const blocks = layOut([many(12), many(12)], 1000, 6, 200);
  const tiles = blocks.flatMap((block) => block.tiles);

  it("go left and right, and stop at the ends", () => {
    expect(neighbour(blocks, 3, "ArrowRight")).toBe(4);
    expect(neighbour(blocks, 0, "ArrowLeft")).toBe(0);
    expect(neighbour(blocks, 23, "ArrowRight")).toBe(23);
    expect(neighbour(blocks, 5, "Home")).toBe(0);
    expect(neighbour(blocks, 5, "End")).toBe(23);
  });

  it("go down to the tile below and back up, across blocks too", () => {
    for (const tile of tiles) {
      const below = neighbour(blocks, tile.index, "ArrowDown");
      const isLast = tile.row === tiles.at(-1)?.row;
      expect(tiles[below]?.row).toBe(isLast ? tile.row : tile.row + 1);
      if (!isLast) expect(tiles[neighbour(blocks, below, "ArrowUp")]?.row).toBe(tile.row);
    }
  });

  it("stay where they are beyond the first and last row", () => {
    expect(neighbour(blocks, 0, "ArrowUp")).toBe(0);
    expect(neighbour(blocks, 23, "ArrowDown")).toBe(23);
  });
});
