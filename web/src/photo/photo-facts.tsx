import { Fragment } from "react";
import type { Photo } from "../api/types";
import { SWATCHES } from "../filters/swatches";
import { useOwnFacets } from "../filters/use-facets";
import { FACET_FILTERS } from "../query/filters";
import { headingOf, isOwn, withOwn } from "../query/own-filters";
import { linkTo } from "../query/route";
import { useRoute } from "../query/route-context";
import {
  addedText,
  fileOf,
  nameOf,
  placeText,
  scoreText,
  sizeText,
  takenText,
} from "../shared/format";
import { Attribution } from "./attribution";
import { CopyButton } from "./copy-button";
import { Fact } from "./fact";
import { Caption, isWeb, KeywordPaths, RightsFacts, ratingText, WebLink } from "./written";

interface Props {
  photo: Photo;
  /** Its place among those that were found, and how near it is; null where nothing was searched. */
  match: { rank: number; score: number } | null;
}

const PEOPLE: readonly string[] = ["photographer", "credit"];
// Those that are told of in another way; its size says as much as its orientation.
const TOLD: readonly string[] = [
  ...PEOPLE,
  ...["orientation", "licence", "model_release", "property_release"],
  ...["rating", "label", "city", "country", "folder"],
];
const FACTS = FACET_FILTERS.filter(({ name }) => !TOLD.includes(name));

export function PhotoFacts({ photo, match }: Props) {
  const { dispatch } = useRoute();
  const { written } = photo;
  return (
    <>
      <Caption text={photo.caption} name={nameOf(photo)} />
      <Attribution text={photo.attribution} />
      <dl className="facts">
        {FACET_FILTERS.filter(({ name }) => PEOPLE.includes(name)).map(({ name, title }) => (
          <Fact key={name} name={title}>
            {textOf(photo, name)}
          </Fact>
        ))}
        <RightsFacts photo={photo} />
        <Fact name="Rating">{ratingText(written?.rating ?? "")}</Fact>
        <Fact name="Label">{written?.label}</Fact>
        <Fact name="Place">{[written?.city, written?.country].filter(Boolean).join(", ")}</Fact>
        {FACTS.map(({ name, title }) => (
          <Fact key={name} name={title}>
            {textOf(photo, name)}
          </Fact>
        ))}
        <Fact name="Taken">{photo.taken && takenText(photo.taken)}</Fact>
        <Fact name="Added">{photo.indexed_at && addedText(photo.indexed_at)}</Fact>
        <Fact name="Size">{sizeText(photo)}</Fact>
        <Fact name="Colours">{photo.colours.length > 0 && <Colours names={photo.colours} />}</Fact>
        <Fact name="Match">
          {match && (
            <span title={`${scoreText(match.score)} on a scale of -1 to 1 (cosine similarity)`}>
              {placeText(match.rank)}
            </span>
          )}
        </Fact>
        <Fact name="Suggested">{photo.suggested?.join(", ")}</Fact>
        <Fact name="Source">
          {isWeb(photo.source_url) ? (
            <WebLink url={photo.source_url}>{new URL(photo.source_url).hostname}</WebLink>
          ) : (
            written?.source
          )}
        </Fact>
        {Object.entries(photo.metadata).map(([name, value]) => (
          <Fact key={name} name={headingOf(name)}>
            <OwnValue name={name} value={value} />
          </Fact>
        ))}
        <Fact name="File">
          <FileName photo={photo} />
        </Fact>
        <Fact name="Folder">{photo.folder && <Folder name={photo.folder} />}</Fact>
        <Fact name="Id">
          <span className="with-copy">
            <code>{photo.id}</code>
            <CopyButton text={linkTo(photo.id)} what="link to this photo" icon="link" />
          </span>
        </Fact>
      </dl>
      <KeywordPaths paths={written?.keyword_paths ?? []} />
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

/** What its file is called, and where it lies. */
function FileName({ photo }: { photo: Photo }) {
  const what = photo.uri.includes("://") ? "address of the file" : "path of the file";
  return (
    <span className="with-copy">
      <span title={photo.uri}>{fileOf(photo.uri)}</span>
      <CopyButton text={photo.uri} what={what} />
    </span>
  );
}

/** The folder, and each that it lies in; a click finds what is in there. */
function Folder({ name }: { name: string }) {
  const { dispatch } = useRoute();
  const steps = name.split("/");
  return (
    <span className="folder-steps">
      {steps.map((step, index) => {
        const folder = steps.slice(0, index + 1).join("/");
        return (
          <Fragment key={folder}>
            {index > 0 && <span aria-hidden="true"> / </span>}
            <button
              type="button"
              className="link"
              title={`Photos in ${folder}`}
              onClick={() => dispatch({ type: "setFilters", filters: { folder: [folder] } })}
            >
              {step}
            </button>
          </Fragment>
        );
      })}
    </span>
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
  const told = { ...photo.written, ...photo };
  const value = name in told && told[name as keyof typeof told];
  return typeof value === "string" ? value : "";
}

function Colours({ names }: { names: readonly string[] }) {
  return names.map((name) => (
    <span key={name} className="colour">
      <span className="dot" style={{ backgroundColor: SWATCHES[name] }} />
      {name}
    </span>
  ));
}
