import { type CSSProperties, type MouseEvent, memo, useState } from "react";
import type { Hit, Photo } from "../api/types";
import { fileOf, nameOf } from "../shared/format";
import { Icon } from "../shared/icons";
import { noMoreLarge, wantsLarge, widthsOf } from "./large-thumbnails";
import type { Tile as Placed } from "./rows";

/** What can be done with the photos of a grid. Without `select` they cannot be selected. */
export interface GridActions {
  addressOf: (photo: Photo) => string;
  open: (photo: Photo) => void;
  similar: (photo: Photo, add: boolean) => void;
  select?: ((photo: Photo, range: boolean) => void) | undefined;
  toggleDuplicates?: ((photo: Photo) => void) | undefined;
}

interface Props {
  tile: Placed<GridPhoto>;
  actions: GridActions;
  current: boolean;
  selected: boolean;
  expanded: boolean;
}

/** A hit, or one of its duplicates. */
export type GridPhoto = Photo &
  Partial<Pick<Hit, "score" | "rank" | "duplicates" | "lines_found">> & { copyOf?: string };

export const Tile = memo(function Tile(props: Props) {
  const { tile, actions, current, selected, expanded } = props;
  const { photo } = tile;
  const copies = photo.duplicates?.length ?? 0;
  const tabIndex = current ? 0 : -1;
  const name = nameOf(photo);
  const written = photo.lines_found?.join(", ");

  const click = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    // Read from the grid: as a property it would render every tile again.
    const selecting = event.currentTarget.closest("[data-selecting=true]") !== null;
    if (actions.select && (selecting || event.shiftKey)) actions.select(photo, event.shiftKey);
    else actions.open(photo);
  };

  return (
    <li className="tile" style={styleOf(tile)} data-selected={selected} data-copy={!!photo.copyOf}>
      <a
        className="tile-link"
        href={actions.addressOf(photo)}
        data-index={tile.index}
        tabIndex={tabIndex}
        onClick={click}
        onDragStart={(event) => carryPhoto(event.dataTransfer, photo)}
      >
        <Thumbnail key={photo.links.thumbnail} photo={photo} name={name} width={tile.width} />
      </a>
      {actions.select && (
        <button
          type="button"
          className="tile-button tile-select"
          aria-pressed={selected}
          aria-label={`Select ${name}`}
          title="Select (x)"
          tabIndex={tabIndex}
          onClick={(event) => actions.select?.(photo, event.shiftKey)}
        >
          <Icon name="check" />
        </button>
      )}
      <button
        type="button"
        className="tile-button tile-similar"
        aria-label={`More like ${name}`}
        title="More like this (s)"
        tabIndex={tabIndex}
        onClick={(event) => actions.similar(photo, event.shiftKey)}
      >
        <Icon name="similar" />
      </button>
      {copies > 0 && actions.toggleDuplicates && (
        <button
          type="button"
          className="tile-copies"
          aria-expanded={expanded}
          aria-label={`${copies} near-duplicate${copies > 1 ? "s" : ""} of ${name}`}
          title={expanded ? "Hide the near-duplicates" : "Show the near-duplicates"}
          tabIndex={tabIndex}
          onClick={() => actions.toggleDuplicates?.(photo)}
        >
          <Icon name="copies" />
          {expanded ? `−${copies}` : `+${copies}`}
        </button>
      )}
      {written && (
        <p className="tile-found" title={`Text in the picture: ${written}`}>
          <Icon name="text" />
          <span className="hidden">Text in the picture: </span>
          <span>{written}</span>
        </p>
      )}
      <p className="tile-caption" aria-hidden="true">
        <span>{name}</span>
      </p>
    </li>
  );
});

/** What is dragged out of the page is the photo itself, and not the page that shows it. */
function carryPhoto(carried: DataTransfer, photo: Photo): void {
  const address = new URL(photo.links.original, location.href).href;
  carried.setData("text/uri-list", address);
  carried.setData("text/plain", address);
  carried.setData("text/html", `<img src="${encodeURI(address)}">`);
  carried.setData(
    "DownloadURL",
    `application/octet-stream:${fileOf(photo.uri)}:${address}?download=1`,
  );
}

/** What a tile shows. `large` is its thumbnail in the size that the screen wants. */
type Shown = "large" | "thumbnail" | "original" | "name";

/** What is shown where that cannot be. */
const INSTEAD = { large: "thumbnail", thumbnail: "original", original: "name" } as const;

/** Its thumbnail; where there is none the photo itself; where that cannot be shown, its name. */
function Thumbnail({ photo, name, width }: { photo: Photo; name: string; width: number }) {
  const [shown, setShown] = useState<Shown>(wantsLarge(photo) ? "large" : "thumbnail");
  if (shown === "name") {
    return (
      <span className="tile-name">
        <span>{name}</span>
      </span>
    );
  }
  return (
    <img
      key={shown}
      src={shown === "large" ? photo.links.thumbnail : photo.links[shown]}
      {...(shown === "large" && {
        srcSet: widthsOf(photo),
        sizes: `${Math.ceil(width)}px`,
      })}
      alt={name}
      loading="lazy"
      decoding="async"
      draggable={false}
      onError={() => {
        if (shown === "large") noMoreLarge();
        setShown(INSTEAD[shown]);
      }}
      onLoad={(event) => event.currentTarget.setAttribute("data-loaded", "")}
      ref={(image) => {
        if (image?.complete && image.naturalWidth) image.setAttribute("data-loaded", "");
      }}
    />
  );
}

function styleOf({ photo, left, top, width, height }: Placed<GridPhoto>): CSSProperties {
  const style: CSSProperties = { width, height, transform: `translate(${left}px, ${top}px)` };
  if (photo.colour) style["--colour"] = photo.colour;
  return style;
}
