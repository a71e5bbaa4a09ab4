/** The API key that was typed in, for as long as this tab lives. */

import { tabStorage } from "../shared/storage";

/** Has an event "asked" when the gateway wants a key. */
export const keyAsked = new EventTarget();

const NAME = "photoseek-key";

export function authorization(): Record<string, string> {
  const key = tabStorage.get(NAME);
  return key ? { Authorization: `Bearer ${key}` } : {};
}

export function askForKey(): void {
  keyAsked.dispatchEvent(new Event("asked"));
}

export function storeKey(key: string): void {
  tabStorage.set(NAME, key);
}
