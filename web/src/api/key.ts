/** The API key that was typed in, for as long as this tab lives. */

/** Tells whoever can ask for a key ("asked") that the gateway wants one. */
export const keyAsked = new EventTarget();

const NAME = "photoseek-key";
let key = read();

export function authorization(): Record<string, string> {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

export function askForKey(): void {
  keyAsked.dispatchEvent(new Event("asked"));
}

export function keepKey(typed: string): void {
  key = typed;
  try {
    sessionStorage.setItem(NAME, typed);
  } catch {
    // Without storage it lasts until the page is loaded again.
  }
}

function read(): string {
  try {
    return sessionStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}
