import type { SearchRequest } from "../api/client";
import type { Mode } from "../api/types";
import type { Filters } from "./filters";
import { MAX_PARTS, type Part, parseQuery } from "./grammar";

/** What is searched for. Each chip is a part of the query; the text is what stands in the box. */
export interface Search {
  chips: readonly Part[];
  text: string;
  filters: Filters;
  mode: Mode;
  /** Whether near-duplicates are shown as one. */
  fold: boolean;
}

export const EVERYTHING: Search = { chips: [], text: "", filters: {}, mode: "meaning", fold: true };

export type SearchAction =
  | { type: "write"; text: string }
  | { type: "commit" }
  | { type: "add"; part: Part }
  | { type: "only"; part: Part }
  | { type: "weigh"; index: number; weight: number }
  | { type: "drop"; index: number }
  | { type: "unpack" }
  | { type: "filter"; filters: Filters }
  | { type: "mode"; mode: Mode }
  | { type: "fold"; fold: boolean }
  | { type: "clear" };

export function partsOf(search: Search): Part[] {
  return [...search.chips, ...parseQuery(search.text)].slice(0, MAX_PARTS);
}

export function requestOf(search: Search): SearchRequest {
  const { filters, mode, fold } = search;
  return { parts: partsOf(search), filters, mode, fold };
}

/** The chips and the box for a query: a single plain text stands in the box, parts are chips. */
export function arrange(parts: readonly Part[]): Pick<Search, "chips" | "text"> {
  const [only] = parts;
  if (only && parts.length === 1 && only.kind === "text" && only.weight === 1) {
    return { chips: [], text: only.value };
  }
  return { chips: parts, text: "" };
}

export function nextSearch(search: Search, action: SearchAction): Search {
  switch (action.type) {
    case "write":
      return { ...search, text: action.text };
    case "commit":
      return { ...search, ...arrange(partsOf(search)) };
    case "add":
      return { ...search, chips: [...partsOf(search), action.part].slice(-MAX_PARTS), text: "" };
    case "only":
      return { ...search, chips: [action.part], text: "" };
    case "weigh":
      return {
        ...search,
        chips: search.chips.map((part, index) =>
          index === action.index ? { ...part, weight: action.weight } : part,
        ),
      };
    case "drop":
      return { ...search, chips: search.chips.filter((_, index) => index !== action.index) };
    case "unpack":
      return unpackLast(search);
    case "filter":
      return { ...search, filters: action.filters };
    case "mode":
      return { ...search, mode: action.mode };
    case "fold":
      return { ...search, fold: action.fold };
    case "clear":
      return { ...search, chips: [], text: "" };
  }
}

/** The last chip becomes text again; a picture, which is none, goes. */
function unpackLast(search: Search): Search {
  const last = search.chips.at(-1);
  if (!last || search.text) return search;
  return {
    ...search,
    chips: search.chips.slice(0, -1),
    text: last.kind === "text" ? last.value : "",
  };
}
