/**
 * Texts by name, in the browser's storage. Where the browser refuses it, or it is full, they last
 * until the page is loaded again.
 */

/** For as long as this tab lives. */
export const tabStorage = textStorage(() => sessionStorage);
/** For all tabs, and for good. */
export const browserStorage = textStorage(() => localStorage);

/** `storage` is a function, because where storage is blocked, naming it is an error already. */
export function textStorage(storage: () => Pick<Storage, "getItem" | "setItem" | "removeItem">) {
  const refused = new Map<string, string>();
  return {
    get(name: string): string | null {
      try {
        return refused.get(name) ?? storage().getItem(name);
      } catch {
        return null;
      }
    },
    set(name: string, text: string | null): void {
      refused.delete(name);
      try {
        if (text === null) storage().removeItem(name);
        else storage().setItem(name, text);
      } catch {
        if (text !== null) refused.set(name, text);
      }
    },
  };
}
