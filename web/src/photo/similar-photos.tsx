import { type Dispatch, useMemo } from "react";
import type { Photo } from "../api/types";
import { PhotoGrid } from "../grid/photo-grid";
import { type Action, addressOf } from "../query/route";
import type { Search } from "../query/search";
import { useSimilar } from "./use-photo";

interface Props {
  photo: Photo;
  search: Search;
  dispatch: Dispatch<Action>;
}

export function SimilarPhotos({ photo, search, dispatch }: Props) {
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = useSimilar(photo);
  const blocks = useMemo(
    () =>
      (data?.pages ?? [])
        .map((page) => page.hits.filter((hit) => hit.id !== photo.id))
        .filter((hits) => hits.length > 0),
    [data, photo.id],
  );
  const actions = useMemo(
    () => ({
      addressOf: (other: Photo) => addressOf(search, other.id),
      open: (other: Photo) => dispatch({ type: "open", photo: other.id }),
      similar: (other: Photo, add: boolean) =>
        dispatch({ type: add ? "add" : "only", part: { kind: "id", value: other.id, weight: 1 } }),
    }),
    [search, dispatch],
  );
  if (!blocks.length) return null;
  return (
    <section className="similar" aria-labelledby="similar-heading">
      <h3 id="similar-heading">Similar photos</h3>
      <PhotoGrid label="Similar photos" blocks={blocks} actions={actions} />
      {hasNextPage && (
        <button
          type="button"
          className="button"
          disabled={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          Show more
        </button>
      )}
    </section>
  );
}
