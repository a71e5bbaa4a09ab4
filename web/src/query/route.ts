/** Where one is in the page: what is searched for, and which photo is open. The address says it. */

import { readFilters, writeFilters } from "./filters";
import { parseQuery, printQuery } from "./grammar";
import { arrange, EVERYTHING, nextSearch, partsOf, type Search, type SearchAction } from "./search";

/**
 * How the address follows: a `step` is a new entry of the history, a `draft` (typing, dragging a
 * weight) renews an entry that is one, and `same` changes the entry that there is.
 */
export type Pace = "step" | "draft" | "same";

export interface Place {
  search: Search;
  /** The id of the photo that is open. */
  photo: string | null;
  pace: Pace;
}

export type Action =
  | SearchAction
  | { type: "open"; photo: string; turn?: boolean }
  | { type: "close" }
  | { type: "restore"; place: Place };

export function nextPlace(place: Place, action: Action): Place {
  switch (action.type) {
    case "restore":
      return action.place;
    case "open":
      return { ...place, photo: action.photo, pace: action.turn ? "same" : "step" };
    case "close":
      return { ...place, photo: null, pace: "same" };
    default: {
      const search = nextSearch(place.search, action);
      const draft = action.type === "write" || action.type === "weigh";
      return { search, photo: null, pace: draft ? "draft" : "step" };
    }
  }
}

export function placeOf(query: string): Place {
  const parameters = new URLSearchParams(query);
  const search: Search = {
    ...EVERYTHING,
    ...arrange(parseQuery(parameters.get("q") ?? "")),
    filters: readFilters(parameters),
    mode: parameters.get("mode") === "hybrid" ? "hybrid" : "meaning",
    fold: parameters.get("dedupe") !== "false",
  };
  return { search, photo: parameters.get("photo"), pace: "same" };
}

/** The address of a place, from "?" on; "" for the whole library. */
export function addressOf(search: Search, photo: string | null): string {
  const parameters = new URLSearchParams();
  const query = printQuery(partsOf(search));
  if (query) parameters.set("q", query);
  writeFilters(search.filters, parameters);
  if (search.mode === "hybrid") parameters.set("mode", "hybrid");
  if (!search.fold) parameters.set("dedupe", "false");
  if (photo) parameters.set("photo", photo);
  const text = parameters.toString();
  return text && `?${text}`;
}
