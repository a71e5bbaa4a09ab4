/** A file on its way into the library. */
export interface Upload {
  key: number;
  file: File;
  state: "waiting" | "sending" | "added" | "known" | "failed";
  /** How much of it is sent, 0 to 1. */
  sent: number;
  /** Why it was not added. */
  message: string;
  /** Whether another try may help: it failed for want of an answer, and not for what it is. */
  again: boolean;
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
            again: false,
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

/** "7 added, 1 was there, 2 failed"; "" before anything was sent. */
export function outcomeText(uploads: readonly Upload[]): string {
  const count = (state: Upload["state"]) => uploads.filter((one) => one.state === state).length;
  const [added, known, failed] = [count("added"), count("known"), count("failed")];
  return [
    added > 0 && `${added} added`,
    known > 0 && `${known} ${known === 1 ? "was" : "were"} there already`,
    failed > 0 && `${failed} could not be added`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** Those that failed first, so that nobody has to look for them; the rest as it was. */
export function failedFirst(uploads: readonly Upload[]): readonly Upload[] {
  return [
    ...uploads.filter(({ state }) => state === "failed"),
    ...uploads.filter(({ state }) => state !== "failed"),
  ];
}

function same(one: File, other: File): boolean {
  return (
    one.name === other.name && one.size === other.size && one.lastModified === other.lastModified
  );
}
