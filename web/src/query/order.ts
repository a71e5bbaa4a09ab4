/** The orders that photos can be sorted in, in the words of the API's `sort` and in those of people. */

import type { SearchBody } from "../api/types";

/** As the address has it; "" is the best first, or without a query the newest. */
export type Order = NonNullable<SearchBody["sort"]>;

interface Choice {
  order: Order;
  /** As it stands in the list of orders. */
  label: string;
  /** As it goes on after "60 photos, ". */
  words: string;
}

const CHOICES: readonly Choice[] = [
  { order: "indexed_at", label: "Added, newest", words: "last added first" },
  { order: "indexed_at:asc", label: "Added, oldest", words: "first added first" },
  { order: "taken", label: "Taken, newest", words: "last taken first" },
  { order: "taken:asc", label: "Taken, oldest", words: "first taken first" },
  { order: "pixels", label: "Size, largest", words: "largest first" },
  { order: "pixels:asc", label: "Size, smallest", words: "smallest first" },
];

/** What can be chosen for a query, or for a list of all photos: there the newest come first anyway. */
export function choicesFor(hasQuery: boolean): readonly Omit<Choice, "words">[] {
  if (hasQuery) return [{ order: "", label: "Best match" }, ...CHOICES];
  const [newest, ...others] = CHOICES;
  return [{ order: "", label: newest?.label ?? "" }, ...others];
}

/** The order of an address, or "" for one that the page does not offer. */
export function readOrder(text: string | null): Order {
  return CHOICES.find(({ order }) => order === text)?.order ?? "";
}

export function wordsOf(order: Order): string {
  return CHOICES.find((choice) => choice.order === order)?.words ?? "newest first";
}
