import type { Facets, Filters } from "../api/types";
import { useRoute } from "../query/route-context";

/** What every choice of the panel gets. */
export interface FilterProps {
  /** The filters that are on. */
  filters: Filters;
  onChange: (filters: Filters) => void;
}

/** What a list of choices gets as well. */
export interface ChoiceProps extends FilterProps {
  /** What can be chosen, once it is known. */
  facets: Facets | undefined;
}

/** The filters of the address. */
export function useFilters(): FilterProps {
  const { route, dispatch } = useRoute();
  return {
    filters: route.search.filters,
    onChange: (filters) => dispatch({ type: "setFilters", filters }),
  };
}
