import type { PictureText } from "../api/types";
import { Icon } from "../shared/icons";

interface Props {
  text: PictureText;
  /** Whether its places are marked on the picture. */
  marked: boolean;
  onMark: (marked: boolean) => void;
  /** The line that the pointer or the keyboard is at, so that it stands out on the picture. */
  onPoint: (line: number | null) => void;
}

/** What is written in the picture, line by line. */
export function WrittenText({ text, marked, onMark, onPoint }: Props) {
  if (text.lines.length === 0) return null;
  return (
    <section className="written" aria-labelledby="written-title">
      <div className="written-head">
        <h3 id="written-title">Text in the picture</h3>
        <button
          type="button"
          className="button small"
          aria-pressed={marked}
          title="Show where it stands (t)"
          onClick={() => onMark(!marked)}
        >
          <Icon name="text" />
          Mark the places
        </button>
      </div>
      <ul>
        {text.lines.map(({ text: line, confidence }, number) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name, and their order stays
          <li key={number}>
            <button
              type="button"
              className="written-line"
              title={`${Math.round(confidence * 100)} % sure`}
              onPointerEnter={() => onPoint(number)}
              onPointerLeave={() => onPoint(null)}
              onFocus={() => onPoint(number)}
              onBlur={() => onPoint(null)}
              onClick={() => onMark(true)}
            >
              {line}
            </button>
          </li>
        ))}
      </ul>
      {text.is_rough && <p className="written-note">Read in the thumbnail: large letters only.</p>}
    </section>
  );
}

/** The places of the lines, over a picture that fills its frame. The list beside it says them. */
export function WrittenPlaces({ text, at }: { text: PictureText; at: number | null }) {
  return (
    <svg
      className="written-places"
      viewBox="0 0 1 1"
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {text.lines.map(({ corners }, number) => (
        <polygon
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name, and their order stays
          key={number}
          data-at={number === at}
          points={corners.map((corner) => corner.join(",")).join(" ")}
        />
      ))}
    </svg>
  );
}
