/**
 * Filters on columns of the user's own manifest, any of some values each. The API takes them among
 * the texts of `where`, in JSON; an address has them by their names: metadata.project=Spring.
 */

import type { Filters } from "../api/types";

const PREFIX = "metadata.";

export type OwnField = `${typeof PREFIX}${string}`;

export interface OwnFilter {
  field: OwnField;
  values: readonly string[];
}

export function isOwn(name: string): name is OwnField {
  return name.startsWith(PREFIX);
}

/** The name of a column as a heading: "shoot_code" is "Shoot code". */
export function headingOf(column: string): string {
  const words = column.replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function columnOf(field: OwnField): string {
  return field.slice(PREFIX.length);
}

export function ownFilters(filters: Filters): OwnFilter[] {
  return (filters.where ?? []).flatMap((text) => readOwn(text) ?? []);
}

export function ownValues(filters: Filters, field: OwnField): readonly string[] {
  return ownFilters(filters).flatMap((own) => (own.field === field ? own.values : []));
}

/** The filters with these values of a column, and no others; without values it is no filter. */
export function withOwn(filters: Filters, field: OwnField, values: readonly string[]): Filters {
  const { where = [], ...others } = filters;
  const texts = where.filter((text) => readOwn(text)?.field !== field);
  if (values.length) texts.push(JSON.stringify({ field, op: "in", value: values }));
  return texts.length ? { ...others, where: texts } : others;
}

/** The filters with a value of a column put in or taken out. */
export function toggleOwn(filters: Filters, field: OwnField, value: string): Filters {
  const values = ownValues(filters, field);
  const rest = values.filter((one) => one !== value);
  return withOwn(filters, field, rest.length < values.length ? rest : [...values, value]);
}

/** What a text of `where` says, where it is such a filter. */
export function readOwn(text: string): OwnFilter | null {
  if (!text.startsWith("{")) return null;
  try {
    const { field, op, value } = JSON.parse(text);
    const isOne = typeof field === "string" && isOwn(field) && op === "in";
    const isList = Array.isArray(value) && value.every((one) => typeof one === "string");
    return isOne && isList ? { field, values: value } : null;
  } catch {
    return null;
  }
}
