import {
  createContext,
  type Dispatch,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useReducer,
} from "react";
import { useDebounced } from "../shared/use-debounced";
import { type Action, addressOf, nextRoute, type Route, routeOf } from "./route";
import { partsOf, type Search } from "./search";

const TYPING_PAUSE = 250; // milliseconds

interface RouteValue {
  route: Route;
  /** The same, once typing has paused: what is asked of the gateway. */
  settled: Route;
  dispatch: Dispatch<Action>;
  /** Goes back to the grid, past all photos that were opened from one another. */
  closePhoto: () => void;
}

/** What an entry of the history remembers. */
interface Entry {
  /** Whether typing on may replace it. */
  draft: boolean;
  /** How many photos were opened since the grid; null where the visit began at a photo. */
  depth: number | null;
}

const RouteContext = createContext<RouteValue | null>(null);

export function useRoute(): RouteValue {
  const value = useContext(RouteContext);
  if (!value) throw new Error("useRoute needs a RouteProvider around it.");
  return value;
}

/** Keeps the route and the address in step. */
export function RouteProvider({ children }: { children: ReactNode }) {
  const [route, dispatch] = useReducer(nextRoute, location.search, routeOf);
  const settled = useDebounced(route, route.historyChange === "draft" ? TYPING_PAUSE : 0);

  useEffect(() => {
    const restore = () => dispatch({ type: "restore", route: routeOf(location.search) });
    addEventListener("popstate", restore);
    return () => removeEventListener("popstate", restore);
  }, []);

  useEffect(() => writeAddress(settled), [settled]);

  const { search, historyChange } = settled;
  useEffect(() => {
    document.title = titleOf(search);
  }, [search]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another search begins at its top
  useEffect(() => {
    if (historyChange !== "replace") scrollTo(0, 0);
  }, [search]);

  const closePhoto = useCallback(() => {
    const { depth } = currentEntry();
    if (depth) history.go(-depth);
    else dispatch({ type: "closePhoto" });
  }, []);

  const value = useMemo(
    () => ({ route, settled, dispatch, closePhoto }),
    [route, settled, closePhoto],
  );
  return <RouteContext value={value}>{children}</RouteContext>;
}

function writeAddress({ search, photo, historyChange }: Route): void {
  const address = addressOf(search, photo);
  const shown = routeOf(location.search);
  const now = currentEntry();
  if (address === addressOf(shown.search, shown.photo)) {
    // Enter after typing changes nothing but this: what follows gets an entry of its own.
    if (historyChange === "push" && now.draft) replaceEntry({ ...now, draft: false });
    return;
  }
  const url = location.pathname + address;
  const draft = historyChange === "draft";
  const goesOn = draft && now.draft && continues(shown.search.text, search.text);
  if (historyChange === "replace" || goesOn) {
    replaceEntry({ draft: now.draft, depth: photo ? now.depth : 0 }, url);
  } else {
    const deeper = now.depth === null ? null : now.depth + 1;
    const entry: Entry = { draft, depth: photo ? deeper : 0 };
    history.pushState(entry, "", url);
  }
}

/** Whether a text is still being typed; another one is a search of its own, to go back from. */
function continues(before: string, now: string): boolean {
  return now.startsWith(before) || (now !== "" && before.startsWith(now));
}

function replaceEntry(entry: Entry, url?: string): void {
  history.replaceState(entry, "", url);
}

/** The entry that is shown; one without a state of ours is where the visit began. */
function currentEntry(): Entry {
  const state = history.state as Entry | null;
  return state ?? { draft: false, depth: routeOf(location.search).photo === null ? 0 : null };
}

function titleOf(search: Search): string {
  const words = partsOf(search)
    .filter((part) => part.kind === "text" && part.weight > 0)
    .map((part) => part.value);
  return [...words, "photoseek"].join(" · ");
}
