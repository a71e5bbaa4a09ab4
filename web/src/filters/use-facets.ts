import { keepPreviousData, useQuery } from "@tanstack/react-query";
import * as api from "../api/client";
import type { Count, Facets, Filters } from "../api/types";
import { type ListFilter, without } from "../query/filters";

type Facet = Exclude<keyof Facets, "total" | "metadata">;

/** What the photos that satisfy the filters have in common. */
export function useFacets(filters: Filters) {
  return useQuery({
    queryKey: ["facets", filters],
    queryFn: ({ signal }) => api.facets(filters, signal),
    placeholderData: keepPreviousData,
  });
}

/**
 * The choices of one filter. Where any of several values will do, they are counted without that
 * filter itself, or nothing else could be chosen any more.
 */
export function useChoices(filters: Filters, name: ListFilter, facet: Facet): Count[] {
  const anyOf = name !== "tags";
  const { data } = useFacets(anyOf ? without(filters, name) : filters);
  const counts = data?.[facet] ?? [];
  const chosen = filters[name] ?? [];
  const missing = chosen.filter((value) => !counts.some((one) => one.value === value));
  return [...missing.map((value) => ({ value, count: 0 })), ...counts];
}
