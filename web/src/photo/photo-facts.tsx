import type { ReactNode } from "react";
import type { Photo } from "../api/types";
import { SWATCHES } from "../filters/swatches";
import { useOwnFacets } from "../filters/use-facets";
import { FACET_FILTERS } from "../query/filters";
import { headingOf, isOwn, withOwn } from "../query/own-filters";
import { useRoute } from "../query/route-context";
import { scoreText, sizeText, takenText } from "../shared/format";
import { Icon } from "../shared/icons";
import { Attribution } from "./attribution";

interface Props {
  photo: Photo;
  score: number | null;
}

// Its size says as much as its orientation.
const FACTS = FACET_FILTERS.filter(({ name }) => name !== "orientation");

export function PhotoFacts({ photo, score }: Props) {
  const { dispatch } = useRoute();
  const isWeb = /^https?:\/\//.test(photo.source_url);
  return (
    <>
      <Attribution text={photo.attribution} />
      <dl className="facts">
        {FACTS.map(({ name, title }) => (
          <Fact key={name} name={title}>
            {textOf(photo, name)}
          </Fact>
        ))}
        <Fact name="Taken">{photo.taken && takenText(photo.taken)}</Fact>
        <Fact name="Size">{sizeText(photo)}</Fact>
        <Fact name="Colours">{photo.colours.length > 0 && <Colours names={photo.colours} />}</Fact>
        <Fact name="Similarity">{score !== null && scoreText(score)}</Fact>
        <Fact name="Source">
          {isWeb && (
            <a href={photo.source_url} target="_blank" rel="noreferrer">
              {new URL(photo.source_url).hostname} <Icon name="link" />
            </a>
          )}
        </Fact>
        {Object.entries(photo.metadata).map(([name, value]) => (
          <Fact key={name} name={headingOf(name)}>
            <OwnValue name={name} value={value} />
          </Fact>
        ))}
        <Fact name="Id">
          <code>{photo.id}</code>
        </Fact>
      </dl>
      {photo.tags.length > 0 && (
        <ul className="tags" aria-label="Tags">
          {photo.tags.map((tag) => (
            <li key={tag}>
              <button
                type="button"
                className="pill"
                title={`Photos with the tag ${tag}`}
                onClick={() => dispatch({ type: "setFilters", filters: { tags: [tag] } })}
              >
                {tag}
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What stands in a column of the manifest; a click finds the others, where it can be chosen. */
function OwnValue({ name, value }: { name: string; value: string }) {
  const { dispatch } = useRoute();
  const own = useOwnFacets().find(({ title }) => title === name);
  if (!(own && isOwn(own.field))) return value;
  const filters = withOwn({}, own.field, [value]);
  return (
    <button
      type="button"
      className="link"
      title={`Photos whose ${name} is ${value}`}
      onClick={() => dispatch({ type: "setFilters", filters })}
    >
      {value}
    </button>
  );
}

/** What the photo has there, where that is a text and not a list. */
function textOf(photo: Photo, name: string): string {
  const value = name in photo && photo[name as keyof Photo];
  return typeof value === "string" ? value : "";
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Colours({ names }: { names: readonly string[] }) {
  return names.map((name) => (
    <span key={name} className="colour">
      <span className="dot" style={{ backgroundColor: SWATCHES[name] }} />
      {name}
    </span>
  ));
}
