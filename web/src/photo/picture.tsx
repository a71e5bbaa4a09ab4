import { type ReactNode, useState } from "react";
import type { Photo } from "../api/types";
import { nameOf } from "../shared/format";
import { Icon } from "../shared/icons";

interface Props {
  photo: Photo;
  onFullscreen: () => void;
  onPrevious?: () => void;
  onNext?: () => void;
  /** What lies over the picture, as large as it is. */
  children?: ReactNode;
}

type State = "coming" | "here" | "failed";

/** What stands in for an original that cannot be shown, once that is known. */
const NOTES: Record<State, string> = {
  coming: "The original cannot be shown here.",
  here: "The original cannot be shown here; this is its thumbnail.",
  failed: "Neither the original nor a thumbnail of it can be shown here.",
};

/** The large picture: its thumbnail at once, and the original over it when it has come. */
export function Picture({ photo, onFullscreen, onPrevious, onNext, children }: Props) {
  const [thumbnail, setThumbnail] = useState<State>("coming");
  const [original, setOriginal] = useState<State>("coming");
  const colour = photo.colour ? { backgroundColor: photo.colour } : {};
  return (
    <div className="picture">
      <button
        type="button"
        className="picture-frame"
        aria-label="Show the picture on the whole screen"
        style={{ "--ratio": photo.width / photo.height, "--width": `${photo.width}px` }}
        onClick={onFullscreen}
      >
        {thumbnail === "failed" ? (
          <span style={colour} />
        ) : (
          <img
            className="picture-thumbnail"
            src={photo.links.thumbnail}
            alt=""
            style={colour}
            onLoad={() => setThumbnail("here")}
            onError={() => setThumbnail("failed")}
          />
        )}
        {original !== "failed" && (
          <img
            className="picture-original"
            src={photo.links.original}
            alt={nameOf(photo)}
            data-here={original === "here"}
            onLoad={() => setOriginal("here")}
            onError={() => setOriginal("failed")}
          />
        )}
        {children}
      </button>
      {onPrevious && (
        <button
          type="button"
          className="picture-turn previous"
          aria-label="Previous photo"
          onClick={onPrevious}
        >
          <Icon name="left" />
        </button>
      )}
      {onNext && (
        <button
          type="button"
          className="picture-turn next"
          aria-label="Next photo"
          onClick={onNext}
        >
          <Icon name="right" />
        </button>
      )}
      {original === "failed" && (
        <p className="picture-note" role="status">
          {NOTES[thumbnail]}
        </p>
      )}
    </div>
  );
}
