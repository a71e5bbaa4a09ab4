import type { SearchRequest } from "../api/client";
import type { Filters, Mode } from "../api/types";
import { MAX_PARTS, type Part, parseQuery } from "./grammar";
import type { Order } from "./order";

/** What is searched for. Each chip is a part of the query; the text is what stands in the box. */
export interface Search {
  chips: readonly Part[];
  text: string;
  filters: Filters;
  mode: Mode;
  /** Whether near-duplicates are shown as one. */
  dedupe: boolean;
  /** In which order; "" for the best first. */
  sort: Order;
}

export const EMPTY_SEARCH: Search = {
  chips: [],
  text: "",
  filters: {},
  mode: "meaning",
  dedupe: true,
  sort: "",
};

export type SearchAction =
  | { type: "setText"; text: string }
  | { type: "commit" }
  | { type: "addPart"; part: Part }
  | { type: "replaceParts"; part: Part }
  | { type: "setParts"; parts: readonly Part[] }
  | { type: "setWeight"; index: number; weight: number }
  | { type: "removePart"; index: number }
  | { type: "editLast" }
  | { type: "setFilters"; filters: Filters }
  | { type: "setMode"; mode: Mode }
  | { type: "setDedupe"; dedupe: boolean }
  | { type: "setSort"; sort: Order }
  | { type: "clear" };

export function partsOf(search: Search): Part[] {
  return [...search.chips, ...parseQuery(search.text)].slice(0, MAX_PARTS);
}

export function requestOf(search: Search): SearchRequest {
  const { filters, mode, dedupe, sort } = search;
  const query = partsOf(search).map((part) => ({ [part.kind]: part.value, weight: part.weight }));
  return { query, filter: filters, mode, dedupe, sort };
}

/** What is searched for where that is one text and nothing else, else "". */
export function searchedText(search: Search): string {
  const [only, ...others] = partsOf(search);
  const isText = only?.kind === "text" && only.weight > 0 && others.length === 0;
  return isText ? only.value.trim().replace(/\s+/g, " ") : "";
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
    case "setText":
      return { ...search, text: action.text };
    case "commit":
      return { ...search, ...arrange(partsOf(search)) };
    case "addPart":
      return { ...search, chips: [...partsOf(search), action.part].slice(-MAX_PARTS), text: "" };
    case "replaceParts":
      return { ...search, chips: [action.part], text: "" };
    case "setParts":
      return { ...search, ...arrange(action.parts.slice(0, MAX_PARTS)) };
    case "setWeight":
      return {
        ...search,
        chips: search.chips.map((part, index) =>
          index === action.index ? { ...part, weight: action.weight } : part,
        ),
      };
    case "removePart":
      return { ...search, chips: search.chips.filter((_, index) => index !== action.index) };
    case "editLast":
      return editLast(search);
    case "setFilters":
      return { ...search, filters: action.filters };
    case "setMode":
      return { ...search, mode: action.mode };
    case "setDedupe":
      return { ...search, dedupe: action.dedupe };
    case "setSort":
      return { ...search, sort: action.sort };
    case "clear":
      return { ...search, chips: [], text: "" };
  }
}

/** Turns the last chip into text again; a picture, which has no text, is removed. */
function editLast(search: Search): Search {
  const last = search.chips.at(-1);
  if (!last || search.text) return search;
  return {
    ...search,
    chips: search.chips.slice(0, -1),
    text: last.kind === "text" ? last.value : "",
  };
}
