import { type Dispatch, type RefObject, useCallback, useMemo, useState } from "react";
import type { Hit, Photo } from "../api/types";
import { PhotoGrid } from "../grid/photo-grid";
import { Skeleton } from "../grid/skeleton";
import type { GridPhoto } from "../grid/tile";
import { activeFilters } from "../query/filters";
import { type Action, addressOf } from "../query/route";
import type { Search } from "../query/search";
import type { useSearch } from "../search/use-search";
import { type Selection, selectRange, toggleOne } from "../selection";
import { Failure, Incomplete, NoGoodMatch, Nothing } from "./states";

interface Props {
  search: Search;
  found: ReturnType<typeof useSearch>;
  dispatch: Dispatch<Action>;
  selection: Selection;
  onSelect: (next: (selection: Selection) => Selection) => void;
  canUpload: boolean;
  onUpload: () => void;
  frame: RefObject<HTMLElement | null>;
}

export function Results(props: Props) {
  const { search, found, dispatch, selection, onSelect, frame } = props;
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const pages = found.data?.pages;
  const blocks = useMemo(
    () => (pages ?? []).map((page) => unfold(page.hits, unfolded)).filter((page) => page.length),
    [pages, unfolded],
  );

  const actions = useMemo(() => {
    const shown = blocks.flat().map((photo) => photo.id);
    return {
      addressOf: (photo: Photo) => addressOf(search, photo.id),
      open: (photo: Photo) => dispatch({ type: "open", photo: photo.id }),
      similar: (photo: Photo, add: boolean) =>
        dispatch({
          type: add ? "add" : "only",
          part: { kind: "id", value: photo.id, weight: 1 },
        }),
      select: (photo: Photo, range: boolean) =>
        onSelect((now) => (range ? selectRange(now, photo.id, shown) : toggleOne(now, photo.id))),
      unfold: (photo: Photo) =>
        setUnfolded((now) => toggleOne({ ids: now, anchor: null }, photo.id).ids),
    };
  }, [blocks, search, dispatch, onSelect]);

  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const onEnd = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [isFetchingNextPage, fetchNextPage]);

  // While it is tried again there is no error, and the sentence must not flicker.
  const [lastError, setLastError] = useState<Error | null>(null);
  if (found.error && found.error !== lastError) setLastError(found.error);

  const filtered = activeFilters(search.filters).length > 0;
  if (!pages && found.errorUpdateCount > 0) {
    return <Failure error={found.error ?? lastError} onRetry={() => void found.refetch()} />;
  }
  if (!pages) return <Skeleton />;
  if (!blocks.length) {
    return (
      <Nothing
        filtered={filtered}
        canUpload={props.canUpload}
        onClear={() => dispatch({ type: "filter", filters: {} })}
        onUpload={props.onUpload}
      />
    );
  }
  return (
    <section ref={frame} className="results" data-stale={found.isPlaceholderData}>
      {pages[0]?.confidence === "low" && <NoGoodMatch filtered={filtered} />}
      <PhotoGrid
        label="Photos"
        blocks={blocks}
        actions={actions}
        selected={selection.ids}
        unfolded={unfolded}
        onEnd={hasNextPage && !found.error ? onEnd : undefined}
      />
      {found.error && <Incomplete error={found.error} onRetry={() => void found.refetch()} />}
    </section>
  );
}

/** The hits of a page, with the duplicates of those that were opened up beside them. */
function unfold(hits: readonly Hit[], unfolded: ReadonlySet<string>): GridPhoto[] {
  return hits.flatMap((hit): GridPhoto[] =>
    unfolded.has(hit.id)
      ? [hit, ...hit.duplicates.map((photo) => ({ ...photo, copyOf: hit.id }))]
      : [hit],
  );
}
