import type { Filters } from "../query/filters";

/** What every choice of the panel gets: the filters that are on, and where to hand the next ones. */
export interface FilterProps {
  filters: Filters;
  onChange: (filters: Filters) => void;
}
