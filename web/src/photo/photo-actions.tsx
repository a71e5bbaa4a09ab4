import type { Photo } from "../api/types";
import { Icon } from "../shared/icons";

interface Props {
  photo: Photo;
  onSimilar: (add: boolean) => void;
  onFullscreen: () => void;
  onDelete: () => void;
}

export function PhotoActions({ photo, onSimilar, onFullscreen, onDelete }: Props) {
  return (
    <div className="photo-actions">
      <a className="button primary" href={`${photo.links.original}?download=1`} download>
        <Icon name="download" />
        Download
      </a>
      <button type="button" className="button" title="s" onClick={() => onSimilar(false)}>
        <Icon name="similar" />
        More like this
      </button>
      <button type="button" className="button" title="Shift+S" onClick={() => onSimilar(true)}>
        <Icon name="plus" />
        Add to the search
      </button>
      <button
        type="button"
        className="button square"
        aria-label="Whole screen"
        title="Whole screen (f)"
        onClick={onFullscreen}
      >
        <Icon name="expand" />
      </button>
      <button
        type="button"
        className="button square danger"
        aria-label="Delete from the library"
        title="Delete from the library"
        onClick={onDelete}
      >
        <Icon name="trash" />
      </button>
    </div>
  );
}
