import { keepPreviousData, type QueryClient, useQuery } from "@tanstack/react-query";
import * as api from "../api/client";
import { STALE_AFTER } from "../api/query-client";
import type { Count, Facets, Filters, OwnFacet } from "../api/types";
import type { ListFilter } from "../query/filters";
import { type OwnField, ownValues } from "../query/own-filters";

type Facet = Exclude<keyof Facets, "total" | "metadata">;

/**
 * What can be chosen beside filters: each field is counted without the filter on itself, where any
 * of several values will do. Nothing is asked for while a search is under way that `brings` it.
 */
export function useFacets(filters: Filters, brings = false) {
  return useQuery({
    queryKey: keyOf(filters),
    queryFn: ({ signal }) => api.choices(filters, signal),
    placeholderData: keepPreviousData,
    enabled: !brings,
  });
}

/** Whether a search had better bring what can be chosen, as it is not known. */
export function lacksFacets(queries: QueryClient, filters: Filters): boolean {
  const query = queries.getQueryCache().find({ queryKey: keyOf(filters) });
  return !query || query.isStaleByTime(STALE_AFTER);
}

/** Keeps what a search has brought. */
export function keepFacets(queries: QueryClient, filters: Filters, facets: Facets): void {
  queries.setQueryData(keyOf(filters), facets);
}

/** The columns of the user's own manifest to choose from: the same ones whatever is filtered. */
export function useOwnFacets(brings = false): readonly OwnFacet[] {
  return useFacets({}, brings).data?.metadata ?? [];
}

/** The choices of one filter, with those that are chosen. */
export function choicesOf(
  facets: Facets | undefined,
  filters: Filters,
  name: ListFilter,
  facet: Facet,
): Count[] {
  return withChosen(facets?.[facet] ?? [], filters[name] ?? []);
}

/** The choices of one column of the manifest. */
export function ownChoicesOf(
  facets: Facets | undefined,
  filters: Filters,
  field: OwnField,
): Count[] {
  const counts = facets?.metadata.find((one) => one.field === field)?.values ?? [];
  return withChosen(counts, ownValues(filters, field));
}

function keyOf(filters: Filters) {
  return ["facets", filters] as const;
}

function withChosen(counts: readonly Count[], chosen: readonly string[]): Count[] {
  const missing = chosen.filter((value) => !counts.some((one) => one.value === value));
  return [...missing.map((value) => ({ value, count: 0 })), ...counts];
}
