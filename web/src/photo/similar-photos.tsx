import { useMemo } from "react";
import type { Photo } from "../api/types";
import { PhotoGrid } from "../grid/photo-grid";
import { addressOf, searchLike } from "../query/route";
import { useRoute } from "../query/route-context";
import { useSimilar } from "./use-photo";

export function SimilarPhotos({ photo }: { photo: Photo }) {
  const { route, dispatch } = useRoute();
  const { search } = route;
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
      open: (other: Photo) => dispatch({ type: "openPhoto", photo: other.id }),
      similar: (other: Photo, add: boolean) => dispatch(searchLike(other.id, add)),
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
