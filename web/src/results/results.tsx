import { type RefObject, useCallback, useMemo, useState } from "react";
import type { Hit, Photo } from "../api/types";
import { PhotoGrid } from "../grid/photo-grid";
import { Skeleton } from "../grid/skeleton";
import type { GridPhoto } from "../grid/tile";
import { activeFilters } from "../query/filters";
import { addressOf, searchLike } from "../query/route";
import { useRoute } from "../query/route-context";
import type { useSearch } from "../search/use-search";
import { selectRange, toggleOne } from "../selection/selection";
import { useSelection } from "../selection/selection-context";
import { Failure, Hint, Incomplete, NoGoodMatch, NoPhotos } from "./states";
import { usePlace } from "./use-place";

interface Props {
  found: ReturnType<typeof useSearch>;
  frame: RefObject<HTMLElement | null>;
}

export function Results({ found, frame }: Props) {
  const { route, dispatch } = useRoute();
  const { search } = route;
  const [selection, setSelection] = useSelection();
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const pages = found.data?.pages;
  const blocks = useMemo(
    () =>
      (pages ?? [])
        .map((page) => withDuplicates(page.hits, expanded))
        .filter((page) => page.length),
    [pages, expanded],
  );

  const actions = useMemo(() => {
    const shown = blocks.flat().map((photo) => photo.id);
    return {
      addressOf: (photo: Photo) => addressOf(search, photo.id),
      open: (photo: Photo) => dispatch({ type: "openPhoto", photo: photo.id }),
      similar: (photo: Photo, add: boolean) => dispatch(searchLike(photo.id, add)),
      select: (photo: Photo, range: boolean) =>
        setSelection((now) =>
          range ? selectRange(now, photo.id, shown) : toggleOne(now, photo.id),
        ),
      toggleDuplicates: (photo: Photo) =>
        setExpanded((now) => toggleOne({ ids: now, anchor: null }, photo.id).ids),
    };
  }, [blocks, search, dispatch, setSelection]);

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const onEnd = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [isFetchingNextPage, fetchNextPage]);

  const more = hasNextPage && !found.error ? onEnd : undefined;
  const shown = blocks.reduce((sum, block) => sum + block.length, 0);
  usePlace({ address: addressOf(search, null), photos: shown, more });

  // While it is tried again there is no error, and the sentence must not flicker.
  const [lastError, setLastError] = useState<Error | null>(null);
  if (found.error && found.error !== lastError) setLastError(found.error);

  const filtered = activeFilters(search.filters).length > 0;
  if (!pages && found.errorUpdateCount > 0) {
    return <Failure error={found.error ?? lastError} onRetry={() => void found.refetch()} />;
  }
  if (!pages) return <Skeleton />;
  const hint = pages[0]?.hint && <Hint answer={pages[0]} />;
  if (!blocks.length) {
    return (
      <>
        {hint}
        <NoPhotos filtered={filtered} />
      </>
    );
  }
  return (
    <section ref={frame} className="results" data-stale={found.isPlaceholderData}>
      {hint}
      {pages[0]?.confidence === "low" && <NoGoodMatch filtered={filtered} />}
      <PhotoGrid
        label="Photos"
        blocks={blocks}
        actions={actions}
        selected={selection.ids}
        expanded={expanded}
        onEnd={more}
      />
      {found.error && <Incomplete error={found.error} onRetry={() => void found.refetch()} />}
    </section>
  );
}

/** The hits of a page, each of `expanded` with its duplicates beside it. */
function withDuplicates(hits: readonly Hit[], expanded: ReadonlySet<string>): GridPhoto[] {
  return hits.flatMap((hit): GridPhoto[] =>
    expanded.has(hit.id)
      ? [hit, ...hit.duplicates.map((photo) => ({ ...photo, copyOf: hit.id }))]
      : [hit],
  );
}
