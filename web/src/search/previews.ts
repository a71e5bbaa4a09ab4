/** Small pictures of the pictures that were searched with; a permalink holds only embeddings. */

const PREFIX = "preview:";
const MOST = 24;
const SIDE = 96; // pixels

const kept = new Map<string, string>();

export function previewOf(vector: string): string | null {
  const preview = kept.get(vector);
  if (preview) return preview;
  try {
    return sessionStorage.getItem(PREFIX + vector);
  } catch {
    return null;
  }
}

/** Keeps the preview in this tab, so that it outlives a reload. */
export function keepPreview(vector: string, preview: string): void {
  kept.set(vector, preview);
  try {
    const names = Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX));
    for (const name of names.slice(0, Math.max(0, names.length - MOST + 1))) {
      sessionStorage.removeItem(name);
    }
    sessionStorage.setItem(PREFIX + vector, preview);
  } catch {
    // Without storage it lasts until the page is loaded again.
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
