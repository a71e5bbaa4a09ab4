/** The state of the page as its address says it: what is searched for, and which photo is open. */

import { readFilters, writeFilters } from "./filters";
import { parseQuery, printQuery } from "./grammar";
import { readOrder } from "./order";
import {
  arrange,
  EMPTY_SEARCH,
  nextSearch,
  partsOf,
  type Search,
  type SearchAction,
} from "./search";

/**
 * What the browser's history does: `push` adds an entry, `replace` changes the current one, and
 * `draft` (typing, dragging a weight) adds one that the next draft replaces.
 */
export type HistoryChange = "push" | "draft" | "replace";

export interface Route {
  search: Search;
  /** The id of the photo that is open. */
  photo: string | null;
  historyChange: HistoryChange;
}

export type Action =
  | SearchAction
  | { type: "openPhoto"; photo: string; turn?: boolean }
  | { type: "closePhoto" }
  | { type: "restore"; route: Route }
  | { type: "reset" };

/** Searches for photos like this one, or with `add` for what is searched for and these. */
export function searchLike(id: string, add: boolean): Action {
  return { type: add ? "addPart" : "replaceParts", part: { kind: "id", value: id, weight: 1 } };
}

export function nextRoute(route: Route, action: Action): Route {
  switch (action.type) {
    case "restore":
      return action.route;
    case "reset":
      return { search: EMPTY_SEARCH, photo: null, historyChange: "push" };
    case "openPhoto":
      return { ...route, photo: action.photo, historyChange: action.turn ? "replace" : "push" };
    case "closePhoto":
      return { ...route, photo: null, historyChange: "replace" };
    default: {
      const search = nextSearch(route.search, action);
      const draft = action.type === "setText" || action.type === "setWeight";
      return { search, photo: null, historyChange: draft ? "draft" : "push" };
    }
  }
}

export function routeOf(query: string): Route {
  const parameters = new URLSearchParams(query);
  const search: Search = {
    ...EMPTY_SEARCH,
    ...arrange(parseQuery(parameters.get("q") ?? "")),
    filters: readFilters(parameters),
    mode: parameters.get("mode") === "hybrid" ? "hybrid" : "meaning",
    dedupe: parameters.get("dedupe") !== "false",
    sort: readOrder(parameters.get("sort")),
  };
  return { search, photo: parameters.get("photo"), historyChange: "replace" };
}

/** The whole address of a photo's view, to be sent to somebody. */
export function linkTo(photo: string): string {
  return new URL(addressOf(EMPTY_SEARCH, photo), location.origin + location.pathname).href;
}

/** The address of a route, from "?" on; "" for the whole library. */
export function addressOf(search: Search, photo: string | null): string {
  const parameters = new URLSearchParams();
  const query = printQuery(partsOf(search));
  if (query) parameters.set("q", query);
  writeFilters(search.filters, parameters);
  if (search.mode === "hybrid") parameters.set("mode", "hybrid");
  if (!search.dedupe) parameters.set("dedupe", "false");
  if (search.sort) parameters.set("sort", search.sort);
  if (photo) parameters.set("photo", photo);
  const text = parameters.toString();
  return text && `?${text}`;
}
