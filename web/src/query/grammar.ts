/**
 * Queries as people write them: `"red car" + id:beach-12 - "snow"`, `2:"golden retriever"`.
 *
 * It is the grammar of `photoseek/search/grammar.py`, save that a browser knows no paths of pictures, and
 * that what is half typed is taken as far as it goes.
 */

export type Kind = "text" | "id" | "vector";

export interface Part {
  kind: Kind;
  /** The text, a photo's id, or an embedding. */
  value: string;
  /** In [-10, 10] and not 0; below 0 it is what the photos should not show. */
  weight: number;
}

export const MAX_PARTS = 16;
export const MAX_WEIGHT = 10;

const OPERATOR = /\s[+-](?=\s|$)/y;
// A sign alone is the beginning of a part.
const LEADING = /^([+-])(?=[\s"]|$)/;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
// 16:9 and 10:30 are texts.
const WEIGHT = /^([0-9]*\.?[0-9]+):(?=[^\s0-9])/;
const NAMED = /^(id|vector):(.+)$/s;

/** The parts of a query; empty ones and those beyond MAX_PARTS are left out. */
export function parseQuery(text: string): Part[] {
  return pieces(text.trim())
    .map(([piece, sign]) => partOf(piece, sign))
    .filter((part) => part !== null)
    .slice(0, MAX_PARTS);
}

/** The query that is read as these parts. */
export function printQuery(parts: readonly Part[]): string {
  const [only] = parts;
  if (only && parts.length === 1 && only.kind === "text" && standsBare(only)) return only.value;
  return parts
    .map((part, index) => {
      const sign = part.weight < 0 ? "- " : index > 0 ? "+ " : "";
      const size = Math.abs(part.weight);
      const weight = size === 1 ? "" : `${Number(size.toPrecision(4))}:`;
      const name = part.kind === "text" ? "" : `${part.kind}:`;
      return sign + weight + name + (part.kind === "vector" ? part.value : quote(part.value));
    })
    .join(" ");
}

/** A weight within the limits; 0, which would mean nothing, becomes the least step above it. */
export function fitWeight(weight: number): number {
  if (!Number.isFinite(weight)) return 1;
  const rounded = Math.round(weight * 10) / 10 || 0.1;
  return Math.min(MAX_WEIGHT, Math.max(-MAX_WEIGHT, rounded));
}

/** The first weight of a query that is beyond what there is, as it was written; "" for none. */
export function weightBeyond(text: string): string {
  for (const [piece] of pieces(text.trim())) {
    const number = WEIGHT.exec(piece)?.[1];
    if (number && Number(number) > MAX_WEIGHT) return number;
  }
  return "";
}

function pieces(text: string): [string, number][] {
  const found: [string, number][] = [];
  const leading = LEADING.exec(text);
  let sign = leading?.[1] === "-" ? -1 : 1;
  let start = leading ? leading[0].length : 0;
  let at = start;
  while (at < text.length) {
    const quoted = matchAt(QUOTED, text, at);
    const operator = quoted ? null : matchAt(OPERATOR, text, at);
    if (operator) {
      found.push([text.slice(start, at).trim(), sign]);
      sign = operator.endsWith("-") ? -1 : 1;
      start = at + operator.length;
    }
    at += (quoted ?? operator)?.length ?? 1;
  }
  found.push([text.slice(start).trim(), sign]);
  return found;
}

function partOf(piece: string, sign: number): Part | null {
  const number = WEIGHT.exec(piece);
  const rest = number ? piece.slice(number[0].length) : piece;
  const size = number ? Math.min(MAX_WEIGHT, Number(number[1])) : 1;
  const weight = sign * (size || 1);
  const named = NAMED.exec(rest);
  if (named) {
    const value = unquote(named[2] ?? "") ?? named[2] ?? "";
    const isName = value !== "" && (value !== named[2] || !/\s/.test(value));
    if (isName) return { kind: named[1] as Kind, value, weight };
  }
  const value = unquote(rest) ?? rest;
  return value.trim() ? { kind: "text", value, weight } : null;
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function unquote(text: string): string | null {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(text);
  return quoted?.[1]?.replace(/\\(.)/gs, "$1") ?? null;
}

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function standsBare(part: Part): boolean {
  const [read, ...others] = parseQuery(part.value);
  return (
    others.length === 0 &&
    read?.kind === "text" &&
    read.value === part.value &&
    read.weight === part.weight &&
    // Only the command line reads these as pictures; elsewhere they need quotes.
    !/^(\.{1,2}[/\\]|~[/\\]|\/\S|[A-Za-z]:[/\\]\S|\\\\\w|image:)/.test(part.value)
  );
}
