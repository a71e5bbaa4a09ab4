import { useEffect, useRef } from "react";

export interface Shortcuts {
  focusSearch: () => void;
  focusPhotos: () => void;
  clearSelection: () => void;
  help: () => void;
}

/** Keys that work wherever the focus is, save in fields and dialogs. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      if (target.closest("input, dialog")) return;
      const action = actionFor(event.key, target === document.body);
      if (!action) return;
      latest.current[action]();
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

function actionFor(key: string, nothingFocused: boolean): keyof Shortcuts | null {
  if (key === "/") return "focusSearch";
  if (key === "?") return "help";
  if (key === "Escape") return "clearSelection";
  return nothingFocused && key.startsWith("Arrow") ? "focusPhotos" : null;
}
