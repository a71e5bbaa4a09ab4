import { type KeyboardEvent, lazy, Suspense, useState } from "react";
import type { Hit, Photo } from "../api/types";
import { searchLike } from "../query/route";
import { useRoute } from "../query/route-context";
import { Dialog } from "../shared/dialog";
import { errorText, nameOf } from "../shared/format";
import { DeleteDialog } from "./delete-dialog";
import { Opinion } from "./opinion";
import { PhotoActions } from "./photo-actions";
import { PhotoFacts } from "./photo-facts";
import { Picture } from "./picture";
import { SimilarPhotos } from "./similar-photos";
import { usePhoto } from "./use-photo";
import { WrittenPlaces, WrittenText } from "./written-text";

const Fullscreen = lazy(() => import("./fullscreen"));

interface Props {
  id: string;
  /** The photos of the grid behind, to turn to the next one. */
  shown: readonly Shown[];
}

type Shown = Photo & Partial<Pick<Hit, "score" | "rank">>;

function matchOf(hit: Shown | undefined): { rank: number; score: number } | null {
  if (typeof hit?.score !== "number" || hit.rank === undefined) return null;
  return { rank: hit.rank, score: hit.score };
}

/** One photo in full, with what is known of it and others like it. */
export function PhotoView({ id, shown }: Props) {
  const { dispatch, closePhoto } = useRoute();
  const { photo, error } = usePhoto(id, shown);
  const [layer, setLayer] = useState<"none" | "fullscreen" | "delete">("none");
  const [marked, setMarked] = useState(false);
  const [line, setLine] = useState<number | null>(null);
  const at = shown.findIndex((one) => one.id === id);

  const turn = (step: number) => {
    const next = at < 0 ? undefined : shown[at + step];
    if (next) dispatch({ type: "openPhoto", photo: next.id, turn: true });
  };
  const similar = (add: boolean) => dispatch(searchLike(id, add));

  const keys: Record<string, (shift: boolean) => void> = {
    ArrowLeft: () => turn(-1),
    ArrowRight: () => turn(1),
    s: similar,
    f: () => setLayer("fullscreen"),
    t: () => setMarked(!marked),
  };

  const press = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (layer !== "none" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest(".grid, input")) return;
    const act = keys[event.key] ?? keys[event.key.toLowerCase()];
    if (!act) return;
    act(event.shiftKey);
    event.preventDefault();
  };

  return (
    <Dialog
      title={photo ? nameOf(photo) : "Photo"}
      className="full photo-view"
      onClose={closePhoto}
      holdsEscape={layer !== "none"}
      onKeyDown={press}
    >
      {!photo && error && (
        <div className="state" role="alert">
          <p>{errorText(error)}</p>
          <button type="button" className="button primary" onClick={closePhoto}>
            To the photos
          </button>
        </div>
      )}
      {photo && (
        <>
          <div className="photo-main">
            <Picture
              key={photo.id}
              photo={photo}
              onFullscreen={() => setLayer("fullscreen")}
              {...(at > 0 && { onPrevious: () => turn(-1) })}
              {...(at >= 0 && at < shown.length - 1 && { onNext: () => turn(1) })}
            >
              {photo.text && (marked || line !== null) && (
                <WrittenPlaces text={photo.text} at={line} />
              )}
            </Picture>
            <aside className="photo-side" aria-label="About this photo">
              <PhotoActions
                photo={photo}
                onSimilar={similar}
                onFullscreen={() => setLayer("fullscreen")}
                onDelete={() => setLayer("delete")}
              />
              <Opinion photo={photo} isHit={at >= 0} />
              <PhotoFacts photo={photo} match={matchOf(shown[at])} />
              {photo.text && (
                <WrittenText
                  text={photo.text}
                  marked={marked}
                  onMark={setMarked}
                  onPoint={setLine}
                />
              )}
            </aside>
          </div>
          <SimilarPhotos photo={photo} />
        </>
      )}
      {layer === "fullscreen" && photo && (
        <Suspense>
          <Fullscreen
            photos={at < 0 ? [photo] : shown}
            at={Math.max(0, at)}
            onTurn={(next) => dispatch({ type: "openPhoto", photo: next.id, turn: true })}
            onClose={() => setLayer("none")}
          />
        </Suspense>
      )}
      {layer === "delete" && photo && (
        <DeleteDialog photo={photo} onCancel={() => setLayer("none")} onDeleted={closePhoto} />
      )}
    </Dialog>
  );
}
