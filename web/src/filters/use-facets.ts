import { keepPreviousData, useQuery } from "@tanstack/react-query";
import * as api from "../api/client";
import type { Count, Facets, Filters, OwnFacet } from "../api/types";
import { type ListFilter, without } from "../query/filters";
import { type OwnField, ownValues, withOwn } from "../query/own-filters";

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
  return withChosen(data?.[facet] ?? [], filters[name] ?? []);
}

/** The columns of the user's own manifest to choose from: the same ones whatever is filtered. */
export function useOwnFacets(): readonly OwnFacet[] {
  return useFacets({}).data?.metadata ?? [];
}

/** The choices of one of them. */
export function useOwnChoices(filters: Filters, field: OwnField): Count[] {
  const { data } = useFacets(withOwn(filters, field, []));
  const counts = data?.metadata.find((one) => one.field === field)?.values ?? [];
  return withChosen(counts, ownValues(filters, field));
}

function withChosen(counts: readonly Count[], chosen: readonly string[]): Count[] {
  const missing = chosen.filter((value) => !counts.some((one) => one.value === value));
  return [...missing.map((value) => ({ value, count: 0 })), ...counts];
}
