import { useEffect, useState } from "react";
import { browserStorage } from "../shared/storage";

const WIDE = "(min-width: 900px)";
const ROOMY = "(min-width: 1200px)";
const NAME = "filters";

/**
 * Where the filters stand: beside the photos on wide screens, in a sheet over them on others; and
 * whether the order and the switches stand with them, since a row above the photos has no room.
 */
export function useFiltersOpen() {
  const wide = useMedia(WIDE);
  const viewInside = !useMedia(ROOMY);
  const [panel, setPanel] = useState(() => browserStorage.get(NAME) !== "closed");
  const [sheet, setSheet] = useState(false);
  const toggle = () => {
    if (!wide) return setSheet(!sheet);
    browserStorage.set(NAME, panel ? "closed" : "open");
    return setPanel(!panel);
  };
  return { asPanel: wide && panel, asSheet: !wide && sheet, viewInside, toggle };
}

function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const change = () => setMatches(media.matches);
    media.addEventListener("change", change);
    return () => media.removeEventListener("change", change);
  }, [query]);
  return matches;
}
