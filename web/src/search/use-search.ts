import {
  type InfiniteData,
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
} from "@tanstack/react-query";
import * as api from "../api/client";
import type { Answer } from "../api/types";
import { keepFacets, lacksFacets } from "../filters/use-facets";

const PAGE = 40;

/** Caches for which facets took so much longer than hits that they are asked for alone. */
const SLOW = new WeakSet<QueryClient>();

/** The photos that are found. With `facets` the answer brings what can be chosen next, too. */
export function useSearch(request: api.SearchRequest, facets: boolean) {
  return useInfiniteQuery({
    queryKey: ["search", request],
    queryFn: async ({ pageParam, signal, client }) => {
      const { filter } = request;
      const first = !(pageParam.offset || pageParam.after);
      const asks = facets && first && !SLOW.has(client) && lacksFacets(client, filter);
      const answer = await api.search(request, pageParam, PAGE, signal, asks);
      if (answer.facets) keepFacets(client, filter, answer.facets);
      else if (asks) SLOW.add(client);
      return answer;
    },
    initialPageParam: {} as api.PageStart,
    getNextPageParam: nextPage,
    placeholderData: keepPreviousData,
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
