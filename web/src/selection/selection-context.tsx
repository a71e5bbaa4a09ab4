import type { ReactNode } from "react";
import { createContext, type Dispatch, type SetStateAction, useContext, useState } from "react";
import { EMPTY_SELECTION, type Selection } from "./selection";

type SelectionState = [Selection, Dispatch<SetStateAction<Selection>>];

const SelectionContext = createContext<SelectionState | null>(null);

export function useSelection(): SelectionState {
  const state = useContext(SelectionContext);
  if (!state) throw new Error("useSelection needs a SelectionProvider around it.");
  return state;
}

export function SelectionProvider({ children }: { children: ReactNode }) {
  const state = useState(EMPTY_SELECTION);
  return <SelectionContext value={state}>{children}</SelectionContext>;
}
