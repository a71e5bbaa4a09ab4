import { useRef, useState } from "react";
import Lightbox from "yet-another-react-lightbox";
import Zoom from "yet-another-react-lightbox/plugins/zoom";
import "yet-another-react-lightbox/styles.css";
import type { Photo } from "../api/types";
import { nameOf } from "../shared/format";

interface Props {
  photos: readonly Photo[];
  at: number;
  onTurn: (photo: Photo) => void;
  onClose: () => void;
}

/** The picture alone, to zoom into, and to go on to its neighbours. */
export default function Fullscreen({ photos, at, onTurn, onClose }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const [ready, setReady] = useState(false);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return (
    <div
      className="fullscreen"
      ref={(node) => {
        root.current = node;
        setReady(!!node);
      }}
    >
      {ready && (
        <Lightbox
          open
          close={onClose}
          index={at}
          slides={photos.map((photo) => ({
            src: photo.links.original,
            alt: nameOf(photo),
            width: photo.width,
            height: photo.height,
          }))}
          plugins={[Zoom]}
          // Within the open dialog: what lies outside of it can be neither seen nor reached.
          portal={{ root: root.current }}
          carousel={{ finite: true, preload: 1 }}
          controller={{ closeOnPullDown: true, closeOnBackdropClick: true }}
          {...(calm && { animation: { fade: 0, swipe: 0, zoom: 0 } })}
          on={{
            view: ({ index }) => {
              const photo = photos[index];
              if (photo && index !== at) onTurn(photo);
            },
          }}
        />
      )}
    </div>
  );
}
