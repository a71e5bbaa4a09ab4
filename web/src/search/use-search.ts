import {
  type InfiniteData,
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
} from "@tanstack/react-query";
import * as api from "../api/client";
import { isUnavailable } from "../api/problem";
import type { Answer } from "../api/types";

const PAGE = 40;
const TRY_AGAIN = 3000; // milliseconds

export function useSearch(request: api.SearchRequest) {
  return useInfiniteQuery({
    queryKey: ["search", request],
    queryFn: ({ pageParam, signal }) => api.search(request, pageParam, PAGE, signal),
    initialPageParam: {} as api.PageStart,
    getNextPageParam: nextPage,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (isUnavailable(query.state.error) ? TRY_AGAIN : false),
  });
}

/** A list without a query goes on after its last photo, so that what is added moves nothing. */
function nextPage({ next_after: after, next_offset: offset }: Answer): api.PageStart | null {
  if (after) return { after };
  return offset === null ? null : { offset };
}

/** Removes a photo from the answers in the cache, until they are fetched again without it. */
export function forgetPhoto(queries: QueryClient, id: string): void {
  queries.setQueriesData<InfiniteData<Answer>>({ queryKey: ["search"] }, (data) => {
    if (!data?.pages) return data;
    const pages = data.pages.map((page) => ({
      ...page,
      hits: page.hits.filter((hit) => hit.id !== id),
    }));
    return { ...data, pages };
  });
}

/** Fetches all answers about the library again, after photos were added or deleted. */
export function refresh(queries: QueryClient): void {
  for (const key of ["search", "similar", "facets", "stats"]) {
    void queries.invalidateQueries({ queryKey: [key] });
  }
}
