/** A file on its way into the library. */
export interface Upload {
  key: number;
  file: File;
  state: "waiting" | "sending" | "added" | "known" | "failed";
  /** How much of it is sent, 0 to 1. */
  sent: number;
  /** Why it was not added. */
  message: string;
  /** The id that it has in the library, where it is there. */
  photo: string | null;
}

export type UploadAction =
  | { type: "add"; files: readonly File[] }
  | { type: "change"; key: number; next: Partial<Upload> }
  | { type: "remove"; key: number };

/** The list after a change. A file that is on it already is not added twice. */
export function nextUploads(uploads: readonly Upload[], action: UploadAction): readonly Upload[] {
  switch (action.type) {
    case "add": {
      const fresh = action.files.filter((file) => !uploads.some((one) => same(one.file, file)));
      const next = Math.max(0, ...uploads.map((one) => one.key + 1));
      return [
        ...uploads,
        ...fresh.map(
          (file, index): Upload => ({
            key: next + index,
            file,
            state: "waiting",
            sent: 0,
            message: "",
            photo: null,
          }),
        ),
      ];
    }
    case "change":
      return uploads.map((one) => (one.key === action.key ? { ...one, ...action.next } : one));
    case "remove":
      return uploads.filter((one) => one.key !== action.key);
  }
}

function same(one: File, other: File): boolean {
  return (
    one.name === other.name && one.size === other.size && one.lastModified === other.lastModified
  );
}
