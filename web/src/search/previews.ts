/**
 * Thumbnails of the pictures that were searched with, since a permalink holds only their embeddings.
 * They are kept in this tab.
 */

import { tabStorage } from "../shared/storage";

const NAME = "photoseek-previews";
const MOST = 24;
const SIDE = 96; // pixels

let known: Map<string, string> | null = null;

export function previewOf(vector: string): string | null {
  return previews().get(vector) ?? null;
}

/** Keeps a preview; beyond the most that are kept, the oldest goes. */
export function keepPreview(vector: string, preview: string): void {
  const others = [...previews()].filter(([other]) => other !== vector);
  known = new Map([...others, [vector, preview] as const].slice(-MOST));
  tabStorage.set(NAME, JSON.stringify([...known]));
}

function previews(): ReadonlyMap<string, string> {
  known ??= read();
  return known;
}

function read(): Map<string, string> {
  try {
    return new Map(JSON.parse(tabStorage.get(NAME) ?? "[]"));
  } catch {
    return new Map(); // written by something else on this address
  }
}

/** A data URI, or "" for formats that this browser cannot show. */
export async function drawPreview(picture: Blob): Promise<string> {
  try {
    const bitmap = await createImageBitmap(picture);
    const scale = SIDE / Math.min(bitmap.width, bitmap.height);
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const [width, height] = [bitmap.width * scale, bitmap.height * scale];
    const context = canvas.getContext("2d");
    context?.drawImage(bitmap, (SIDE - width) / 2, (SIDE - height) / 2, width, height);
    bitmap.close();
    return canvas.toDataURL("image/jpeg", 0.8);
  } catch {
    return "";
  }
}
