import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import * as api from "../api/client";
import { isUnavailable } from "../api/problem";
import type { Photo } from "../api/types";

const PAGE = 30;

/** A photo by its id, at once, and while the service is down, where it is among those that are shown. */
export function usePhoto(id: string, shown: readonly Photo[]) {
  const known = shown.find((photo) => photo.id === id);
  const { data, error } = useQuery({
    queryKey: ["photo", id],
    queryFn: ({ signal }) => api.photo(id, signal),
    placeholderData: () => known,
  });
  return { photo: data ?? (isUnavailable(error) ? known : undefined), error };
}

export function useSimilar(photo: Photo) {
  return useInfiniteQuery({
    queryKey: ["similar", photo.id],
    queryFn: ({ pageParam, signal }) => api.similar(photo, pageParam, PAGE, signal),
    initialPageParam: 0,
    getNextPageParam: (answer) => answer.next_offset,
    placeholderData: keepPreviousData,
  });
}
