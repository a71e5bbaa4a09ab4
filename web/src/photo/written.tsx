import type { Photo } from "../api/types";
import { Icon } from "../shared/icons";
import { Fact } from "./fact";

const LINKS = [
  ["licence_url", "Licence"],
  ["web_statement", "About its rights"],
  ["licensor_url", "Get a licence"],
] as const;

/** The whole caption, where what the photo is called is something else or only its beginning. */
export function Caption({ text, name }: { text: string; name: string }) {
  return text && text !== name ? <p className="caption">{text}</p> : null;
}

/** Who owns the photo, and on which terms it may be used, as its file says it. */
export function RightsFacts({ photo }: { photo: Photo }) {
  const { written } = photo;
  const { copyright = "", usage_terms: terms = "" } = written ?? {};
  const links = LINKS.flatMap(([name, title]) => {
    const url = written?.[name] ?? "";
    return isWeb(url) ? [{ url, title }] : [];
  });
  return (
    <>
      <Fact name="Copyright">{copyright}</Fact>
      {photo.licence !== copyright && <Fact name="Licence">{photo.licence}</Fact>}
      {terms !== photo.licence && <Fact name="Usage terms">{terms}</Fact>}
      <Fact name="Model release">{written?.model_release}</Fact>
      <Fact name="Property release">{written?.property_release}</Fact>
      <Fact name="Rights">
        {links.length > 0 &&
          links.map(({ url, title }) => (
            <WebLink key={title} url={url}>
              {title}
            </WebLink>
          ))}
      </Fact>
    </>
  );
}

/** Stars, or that the photo was rejected. */
export function ratingText(rating: string): string {
  const stars = Number(rating);
  if (stars < 0) return "Rejected";
  return stars ? "★".repeat(stars) + "☆".repeat(5 - stars) : "";
}

/** Keywords of a hierarchy as a whole: places › Europe › Spain. */
export function KeywordPaths({ paths }: { paths: readonly string[] }) {
  const deep = paths.filter((path) => path.includes("|"));
  if (!deep.length) return null;
  return (
    <ul className="keyword-paths" aria-label="Keywords in a hierarchy">
      {deep.map((path) => (
        <li key={path}>{path.split("|").join(" › ")}</li>
      ))}
    </ul>
  );
}

export function WebLink({ url, children }: { url: string; children: string }) {
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {children} <Icon name="link" />
    </a>
  );
}

export function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url);
}
