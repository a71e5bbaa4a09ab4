import { useEffect, useState } from "react";

const WIDE = "(min-width: 900px)";
const NAME = "filters";

/** Where the filters stand: beside the photos on wide screens, in a sheet over them on others. */
export function useFiltersOpen() {
  const wide = useMedia(WIDE);
  const [panel, setPanel] = useState(read);
  const [sheet, setSheet] = useState(false);
  const toggle = () => {
    if (!wide) return setSheet(!sheet);
    keep(!panel);
    return setPanel(!panel);
  };
  return { asPanel: wide && panel, asSheet: !wide && sheet, toggle };
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

function read(): boolean {
  try {
    return localStorage.getItem(NAME) !== "closed";
  } catch {
    return true;
  }
}

function keep(open: boolean): void {
  try {
    localStorage.setItem(NAME, open ? "open" : "closed");
  } catch {
    // Without storage it lasts until the page is loaded again.
  }
}
