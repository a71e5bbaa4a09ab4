import type { Filters } from "../api/types";
import { useRoute } from "../query/route-context";

/** What every choice of the panel gets. */
export interface FilterProps {
  /** The filters that are on. */
  filters: Filters;
  onChange: (filters: Filters) => void;
}

/** The filters of the address. */
export function useFilters(): FilterProps {
  const { route, dispatch } = useRoute();
  return {
    filters: route.search.filters,
    onChange: (filters) => dispatch({ type: "setFilters", filters }),
  };
}
