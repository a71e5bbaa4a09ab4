import { useState } from "react";
import { browserStorage } from "./storage";

export type Theme = "system" | "light" | "dark";

const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };

/** The chosen theme, and a function that goes on to the next. public/theme.js applies it early. */
export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(chosen);
  const turn = () => {
    const next = NEXT[theme];
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    browserStorage.set("theme", next === "system" ? null : next);
    setTheme(next);
  };
  return [theme, turn];
}

function chosen(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : "system";
}
