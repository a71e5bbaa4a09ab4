import { type Dispatch, useCallback, useEffect, useReducer } from "react";
import { useSettled } from "../shared/use-settled";
import { type Action, addressOf, nextPlace, type Place, placeOf } from "./route";
import { partsOf, type Search } from "./search";

const TYPING_PAUSE = 250; // milliseconds

/** What an entry of the history remembers. */
interface Entry {
  /** Whether typing on may renew it. */
  draft: boolean;
  /** How many photos were opened since the grid; null where the visit began at a photo. */
  depth: number | null;
}

/** The place that the address shows, kept in step with it, and the same once typing has paused. */
export function usePlace(): {
  place: Place;
  settled: Place;
  dispatch: Dispatch<Action>;
  closePhoto: () => void;
} {
  const [place, dispatch] = useReducer(nextPlace, location.search, placeOf);
  const settled = useSettled(place, place.pace === "draft" ? TYPING_PAUSE : 0);

  useEffect(() => {
    const restore = () => dispatch({ type: "restore", place: placeOf(location.search) });
    addEventListener("popstate", restore);
    return () => removeEventListener("popstate", restore);
  }, []);

  useEffect(() => writeAddress(settled), [settled]);

  const { search, pace } = settled;
  useEffect(() => {
    document.title = titleOf(search);
  }, [search]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another search begins at its top
  useEffect(() => {
    if (pace !== "same") scrollTo(0, 0);
  }, [search]);

  const closePhoto = useCallback(() => {
    const { depth } = entry();
    if (depth) history.go(-depth);
    else dispatch({ type: "close" });
  }, []);

  return { place, settled, dispatch, closePhoto };
}

function writeAddress({ search, photo, pace }: Place): void {
  const address = addressOf(search, photo);
  const shown = placeOf(location.search);
  const now = entry();
  if (address === addressOf(shown.search, shown.photo)) {
    // Enter after typing changes nothing but this: what follows is a step of its own.
    if (pace === "step" && now.draft) history.replaceState(entryOf(false, now.depth), "");
    return;
  }
  const url = location.pathname + address;
  if (pace === "same" || (pace === "draft" && now.draft)) {
    history.replaceState(entryOf(now.draft, photo ? now.depth : 0), "", url);
  } else {
    const deeper = now.depth === null ? null : now.depth + 1;
    history.pushState(entryOf(pace === "draft", photo ? deeper : 0), "", url);
  }
}

function entryOf(draft: boolean, depth: number | null): Entry {
  return { draft, depth };
}

/** The entry that is shown; one without a note of ours is where the visit began. */
function entry(): Entry {
  const noted = history.state as Entry | null;
  return noted ?? { draft: false, depth: placeOf(location.search).photo === null ? 0 : null };
}

function titleOf(search: Search): string {
  const words = partsOf(search)
    .filter((part) => part.kind === "text" && part.weight > 0)
    .map((part) => part.value);
  return [...words, "photoseek"].join(" · ");
}
