import { type ChangeEvent, type KeyboardEvent, type RefObject, useEffect, useRef } from "react";
import { MAX_WEIGHT, weightBeyond } from "../query/grammar";
import { useRoute } from "../query/route-context";
import { Icon } from "../shared/icons";
import { useNotify } from "../shared/notices";
import { Chip } from "./chip";

interface Props {
  box: RefObject<HTMLInputElement | null>;
  /** Whether a picture is being turned into a part of the query. */
  reading: boolean;
  onPicture: (picture: File) => void;
  /** Arrow down: on to the photos. */
  onLeave: () => void;
}

export function SearchBar({ box, reading, onPicture, onLeave }: Props) {
  const { route, settled, dispatch } = useRoute();
  const { search } = route;
  useWeightLimit(settled.search.text);
  const chooser = useRef<HTMLInputElement>(null);
  const parts = search.chips.length;
  const empty = parts === 0 && !search.text && !reading;

  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") dispatch({ type: "commit" });
    else if (event.key === "Backspace" && !search.text && parts) dispatch({ type: "editLast" });
    else if (event.key === "ArrowDown") onLeave();
    else if (event.key === "Escape") event.currentTarget.blur();
    else return;
    event.preventDefault();
  };

  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const [picture] = event.currentTarget.files ?? [];
    if (picture) onPicture(picture);
    event.currentTarget.value = "";
  };

  return (
    <search className="search-bar">
      <Icon name="search" />
      {(parts > 0 || reading) && (
        <ul className="chips" aria-label="Parts of the search">
          {search.chips.map((part, index) => (
            <Chip
              // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other identity
              key={index}
              part={part}
              onWeight={(weight) => dispatch({ type: "setWeight", index, weight })}
              onRemove={() => {
                dispatch({ type: "removePart", index });
                box.current?.focus();
              }}
            />
          ))}
          {reading && (
            <li className="chip" aria-label="Your picture is being read">
              <span className="chip-picture busy" />
              <span className="chip-label">Reading the picture…</span>
            </li>
          )}
        </ul>
      )}
      <input
        ref={box}
        className="search-box"
        type="text"
        inputMode="search"
        enterKeyHint="search"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={2000}
        aria-label="Search photos"
        aria-keyshortcuts="/"
        placeholder={parts ? "Add words" : "Search by meaning, or drop a picture"}
        value={search.text}
        onChange={(event) => dispatch({ type: "setText", text: event.currentTarget.value })}
        onKeyDown={press}
      />
      <div className="search-buttons">
        {!empty && (
          <button
            type="button"
            className="button quiet square small"
            aria-label="Clear the search"
            title="Clear the search"
            onClick={() => {
              dispatch({ type: "clear" });
              box.current?.focus();
            }}
          >
            <Icon name="close" />
          </button>
        )}
        {empty && (
          <span className="key" aria-hidden="true">
            /
          </span>
        )}
        <button
          type="button"
          className="button quiet square small"
          aria-label="Search with a picture"
          title="Search with a picture"
          onClick={() => chooser.current?.click()}
        >
          <Icon name="picture" />
        </button>
      </div>
      <input
        ref={chooser}
        type="file"
        accept="image/*"
        hidden
        aria-label="Picture to search with"
        onChange={choose}
      />
    </search>
  );
}

/** Says that a weight of the text, or of the address that was opened, counts for less than it is. */
function useWeightLimit(text: string): void {
  const notify = useNotify();
  const beyond = useRef(weightBeyond(new URLSearchParams(location.search).get("q") ?? ""));
  const typed = weightBeyond(text);
  useEffect(() => {
    const weight = typed || beyond.current;
    beyond.current = "";
    if (weight) notify(`A weight is at most ${MAX_WEIGHT}: ${weight} counts as ${MAX_WEIGHT}.`);
  }, [typed, notify]);
}
