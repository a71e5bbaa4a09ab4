import type { Run } from "../api/types";
import { durationText, lastPart, numberText, photosText } from "../shared/format";

const SHORT = 160; // characters

const ENDS: readonly Run["state"][] = ["done", "stopped", "failed"];

export function isOver(run: Run): boolean {
  return ENDS.includes(run.state);
}

/** What is happening, as a heading. */
export function runTitle(run: Run): string {
  const name = lastPart(run.folder);
  switch (run.state) {
    case "preparing":
      return `Getting ready for ${name}`;
    case "running":
      return `Indexing ${name}`;
    case "stopping":
      return `Stopping ${name}`;
    case "stopped":
      return `${name} was stopped`;
    case "failed":
      return `${name} could not be indexed`;
    case "done":
      return doneTitle(run, name);
  }
}

/** Where it stands: "120 of 2,000 photos · 14 photos/s · about 2 minutes left". */
export function progressText(run: Run): string {
  if (!run.done && run.total) return `${photosText(run.total)} found. The first ones are read…`;
  const count =
    run.total === null
      ? photosText(run.done)
      : `${numberText(run.done)} of ${photosText(run.total)}`;
  const parts = [count];
  if (run.per_second > 0) parts.push(`${rateText(run.per_second)} photos/s`);
  if (run.seconds_left !== null) parts.push(`${durationText(run.seconds_left)} left`);
  return parts.join(" · ");
}

/** What a run that has ended did. */
export function outcomeText(run: Run): string {
  const parts = [`${photosText(run.indexed + run.updated)} indexed`];
  if (run.unchanged) parts.push(`${numberText(run.unchanged)} were there already`);
  if (run.deleted) parts.push(`${numberText(run.deleted)} stay out, as you deleted them earlier`);
  if (run.seconds >= 1) parts.push(`took ${durationText(run.seconds)}`);
  const text = `${parts.join(", ")}.`;
  if (run.state !== "stopped") return text;
  return `${text} What is indexed stays.`;
}

/** What is wrong: what a person reads first, and the rest of a long text. */
export function errorParts(text: string): [string, string] {
  if (text.length <= SHORT) return [text, ""];
  const end = text.lastIndexOf(". ", SHORT - 1) + 1;
  return end ? [text.slice(0, end), text.slice(end + 1)] : [text, ""];
}

export function leftOutText(run: Run): string {
  return `${photosText(run.skipped)} left out`;
}

function doneTitle(run: Run, name: string): string {
  const found = run.indexed + run.updated + run.unchanged;
  return found ? `${name} is in your library` : `No photo of ${name} could be used`;
}

function rateText(rate: number): string {
  return rate < 10 ? numberText(Math.round(rate * 10) / 10) : numberText(Math.round(rate));
}
