import { useEffect, useRef } from "react";
import { tabStorage } from "../shared/storage";

const NAME = "photoseek.place";
const PATIENCE = 10_000; // milliseconds that the place is looked for

/** Where somebody was in the grid when the page was left. */
interface Place {
  /** The address of the search. */
  address: string;
  /** How far down, in CSS pixels, and how many photos were there. */
  top: number;
  photos: number;
}

interface Grid {
  address: string;
  photos: number;
  /** Fetches the next ones; left out where there are none. */
  more: (() => void) | undefined;
}

/** Brings whoever reloads the page, or comes back to it, to where they were in the grid. */
export function usePlace({ address, photos, more }: Grid): void {
  const now = useRef({ address, photos });
  now.current = { address, photos };
  const wanted = useRef(placeLeft());

  useEffect(() => {
    const leave = () => {
      const place: Place = { ...now.current, top: scrollY };
      tabStorage.set(NAME, JSON.stringify(place));
    };
    const giveUp = () => {
      wanted.current = null;
    };
    const timer = setTimeout(giveUp, PATIENCE);
    addEventListener("pagehide", leave);
    // Whoever moves by then has a place of their own.
    for (const move of MOVES) addEventListener(move, giveUp, { passive: true });
    return () => {
      clearTimeout(timer);
      removeEventListener("pagehide", leave);
      for (const move of MOVES) removeEventListener(move, giveUp);
    };
  }, []);

  useEffect(() => {
    const place = wanted.current;
    if (!place) return;
    if (place.address !== address) wanted.current = null;
    else if (photos < place.photos && more) more();
    else if (photos) {
      wanted.current = null;
      scrollTo(0, place.top);
    }
  }, [address, photos, more]);
}

const MOVES = ["wheel", "touchstart", "keydown", "pointerdown"] as const;

/** The place of the last visit, where this one goes on from there. */
function placeLeft(): Place | null {
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const text = tabStorage.get(NAME);
  if (!(text && (visit?.type === "reload" || visit?.type === "back_forward"))) return null;
  try {
    return JSON.parse(text) as Place;
  } catch {
    return null;
  }
}
