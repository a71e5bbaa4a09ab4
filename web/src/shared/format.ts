import type { Photo } from "../api/types";

type NamedPhoto = Pick<Photo, "caption" | "uri" | "id"> & { written?: { headline: string } | null };

const whole = new Intl.NumberFormat("en");
const dateFormat = new Intl.DateTimeFormat("en", { dateStyle: "long", timeZone: "UTC" });
const timeFormat = new Intl.DateTimeFormat("en", {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: "UTC",
});

export function numberText(count: number): string {
  return whole.format(count);
}

export function photosText(count: number): string {
  return `${numberText(count)} photo${count === 1 ? "" : "s"}`;
}

const LONGEST_NAME = 140;

/** What a photo is called: its headline, its caption or the name of its file; a few words. */
export function nameOf({ written, caption, uri, id }: NamedPhoto): string {
  return shortened(written?.headline || caption) || fileOf(uri) || id;
}

/** What takes no ink, U+200B for one: a text of nothing else is none. */
const UNSEEN = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

function shortened(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  if (UNSEEN.test(line)) return "";
  return line.length > LONGEST_NAME
    ? `${line.slice(0, LONGEST_NAME).replace(/\s+\S*$/, "")} …`
    : line;
}

export function scoreText(score: number): string {
  return score.toFixed(2);
}

/** "Best of all", "2nd best": the place of a photo in what a search found. */
export function placeText(rank: number): string {
  if (rank === 1) return "Best of all";
  const [teens, ones] = [rank % 100, rank % 10];
  const ending = teens > 10 && teens < 14 ? "th" : (["th", "st", "nd", "rd"][ones] ?? "th");
  return `${numberText(rank)}${ending} best`;
}

/** A weight with its sign; the minus is a real one. */
export function weightText(weight: number): string {
  const size = Number(Math.abs(weight).toPrecision(4));
  return weight < 0 ? `−${size}` : `${size}`;
}

/** "May 1, 2024" or the like; the camera's own clock, so no zone is applied. */
export function takenText(taken: string): string {
  if (taken.length < "2024-05-01".length) return taken;
  const date = new Date(taken.includes("T") ? `${taken}Z` : taken);
  if (Number.isNaN(date.getTime())) return taken;
  return (taken.includes("T") ? timeFormat : dateFormat).format(date);
}

const addedFormat = new Intl.DateTimeFormat("en", { dateStyle: "long", timeStyle: "short" });

/** When a photo came into the index, by the clock of whoever looks. */
export function addedText(moment: string): string {
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? "" : addedFormat.format(date);
}

export function sizeText({ width, height }: Pick<Photo, "width" | "height">): string {
  const megapixels = (width * height) / 1e6;
  return `${width} × ${height} px · ${megapixels.toFixed(megapixels < 10 ? 1 : 0)} MP`;
}

export function bytesText(bytes: number): string {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** "about 3 minutes"; never more exact than anybody can know. */
export function durationText(seconds: number): string {
  if (seconds < 10) return "a few seconds";
  if (seconds < 55) return `about ${Math.ceil(seconds / 10) * 10} seconds`;
  if (seconds < 3300) return unitText(seconds / 60, "minute");
  return unitText(seconds / 3600, "hour");
}

function unitText(number: number, unit: string): string {
  const round = Math.max(1, Math.round(number));
  return `about ${numberText(round)} ${unit}${round === 1 ? "" : "s"}`;
}

/** The last part of a path, as Linux, macOS or Windows write it. */
export function lastPart(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}

/** What is wrong, as a sentence. */
export function errorText(error: unknown): string {
  return error instanceof Error && error.message ? error.message : "Something went wrong.";
}

/** The name of the file at a path or address. */
export function fileOf(uri: string): string {
  const ofWindows = /^([A-Za-z]:[\\/]|\\\\)/.test(uri);
  const path = ofWindows ? uri : (uri.split(/[?#]/)[0] ?? "");
  const name = path.split(ofWindows ? /[\\/]/ : "/").at(-1) ?? "";
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
