/** Which files are handed over: the pictures among those that were chosen or dropped. */

const ENDINGS = new Set(
  (
    "jpg jpeg jpe jfif mpo png apng webp gif bmp tif tiff avif psd jp2 j2k j2c jpc jpf jpx " +
    "heic heif hif " +
    "3fr ari arw bay cr2 cr3 crw dcr dng erf fff gpr iiq k25 kdc mef mos mrw nef nrw orf pef raf " +
    "raw rw2 rwl sr2 srf srw x3f"
  ).split(" "),
);

const MOST_NAMED = 3;

/** Whether it may be a picture, by what the browser or its name says. The gateway reads the bytes. */
export function mayBePicture({ name, type }: Pick<File, "name" | "type">): boolean {
  if (name.startsWith(".")) return false;
  const [, ending] = /\.([^.]+)$/.exec(name.toLowerCase()) ?? [];
  return type.startsWith("image/") || (ending ? ENDINGS.has(ending) : !type);
}

/** What is left out and why; "" for nothing. */
export function leftOutText(names: readonly string[]): string {
  const [first] = names;
  if (first === undefined) return "";
  if (names.length === 1) return `${first} is left out: by its name it is no picture.`;
  const more = names.length - MOST_NAMED;
  const named = names.slice(0, more > 0 ? MOST_NAMED : names.length - 1).join(", ");
  const rest = more > 0 ? `${more} more` : names.at(-1);
  return `${names.length} files are left out, since by their names they are no pictures: ${named} and ${rest}.`;
}

/** All files that were dropped, and those in folders that were dropped. */
export async function filesOf(dropped: DataTransfer): Promise<readonly File[]> {
  // Both have to be taken at once: after the event there is nothing in it.
  const files = [...dropped.files];
  const entries = [...dropped.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  if (!entries.some((entry) => entry.isDirectory)) return files;
  return (await Promise.all(entries.map(filesBelow))).flat();
}

async function filesBelow(entry: FileSystemEntry): Promise<readonly File[]> {
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) {
    const one = entry as FileSystemFileEntry;
    return new Promise((done) =>
      one.file(
        (file) => done([file]),
        () => done([]),
      ),
    );
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  for (let some = await next(reader); some.length; some = await next(reader)) found.push(...some);
  found.sort((one, other) => one.name.localeCompare(other.name));
  return (await Promise.all(found.map(filesBelow))).flat();
}

/** A hundred or so at a time; none at the end, or where it may not be read. */
function next(reader: FileSystemDirectoryReader): Promise<readonly FileSystemEntry[]> {
  return new Promise((done) => reader.readEntries(done, () => done([])));
}
