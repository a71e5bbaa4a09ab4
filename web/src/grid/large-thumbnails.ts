/** Thumbnails for screens with many pixels: which of two sizes a tile may take. */

import type { Photo } from "../api/types";

// The longest sides of both, in pixels.
const SMALL = 320;
const LARGE = 640;

let works = true;

/** No tile asks for a large one any more: the gateway cannot read the photos, or not these. */
export function noMoreLarge(): void {
  works = false;
}

/** Whether the browser may choose the larger one: not where each byte counts. */
export function wantsLarge({ links }: Photo): boolean {
  return works && links.thumbnail_large !== "" && !savesBytes();
}

/** Both, with how wide they are, as an image takes them. */
export function widthsOf({ links, width, height }: Photo): string {
  const wide = (side: number) => Math.round(Math.min(1, side / Math.max(width, height)) * width);
  return `${links.thumbnail} ${wide(SMALL)}w, ${links.thumbnail_large} ${wide(LARGE)}w`;
}

/** Whether whoever looks has asked to be sent little, or has a slow line; unknown in Safari. */
function savesBytes(): boolean {
  const { connection } = navigator as Navigator & {
    connection?: { saveData?: boolean; effectiveType?: string };
  };
  return connection?.saveData === true || /2g|3g/.test(connection?.effectiveType ?? "");
}
