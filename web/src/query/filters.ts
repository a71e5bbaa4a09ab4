/** Which photos are searched, in the names that the API gives to its parameters. */

import type { FilterField } from "../../fields";
import type { Facets, Filters } from "../api/types";
import { isOwn, type OwnField, ownFilters, readOwn, toggleOwn, withOwn } from "./own-filters";

type Named<Value> = {
  [Name in keyof Filters]-?: NonNullable<Filters[Name]> extends Value ? Name : never;
}[keyof Filters];

export type ListFilter = Named<readonly string[]>;
export type NumberFilter = Named<number>;
export type DateFilter = Named<string>;

// Replaced by the table itself when the page is built: see vite.config.ts.
declare const FILTER_FIELDS: readonly FilterField[];
const FIELDS = FILTER_FIELDS;

const LISTS = named("list") as readonly ListFilter[];
const NUMBERS = named("number") as readonly NumberFilter[];
const DATES = named("date") as readonly DateFilter[];

/** A filter that the API counts the photos of each value for, and how people read it: "Licence". */
export interface FacetFilter {
  name: ListFilter & Exclude<keyof Facets, "total" | "metadata">;
  title: string;
}

const FIRST = ["orientation", "tags", "photographer", "licence"];

/** In the order of the panel: those that one reaches for, then the others. */
export const FACET_FILTERS = FIELDS.filter(({ facet }) => facet).sort(
  (one, other) => rank(one.name) - rank(other.name),
) as readonly FacetFilter[];

/** One filter as it is shown: what it is called, and the filters without it. */
export interface ActiveFilter {
  name: keyof Filters | OwnField;
  value: string;
  without: Filters;
}

/** The filters with a value put in or taken out. */
export function toggle(filters: Filters, name: ListFilter, value: string): Filters {
  const values = filters[name] ?? [];
  const rest = values.filter((one) => one !== value);
  return withList(filters, name, rest.length < values.length ? rest : [...values, value]);
}

/** The filters with another size or date; none when the value is empty. */
export function change(
  filters: Filters,
  name: NumberFilter | DateFilter,
  value: number | string | null,
): Filters {
  const { [name]: _, ...rest } = filters;
  return value ? { ...rest, [name]: value } : rest;
}

export function without(filters: Filters, name: keyof Filters): Filters {
  const { [name]: _, ...rest } = filters;
  return rest;
}

export function activeFilters(filters: Filters): ActiveFilter[] {
  const lists = LISTS.flatMap((name) =>
    (filters[name] ?? [])
      .filter((value) => name !== "where" || !readOwn(value))
      .map((value) => ({ name, value, without: toggle(filters, name, value) })),
  );
  const own = ownFilters(filters).flatMap(({ field, values }) =>
    values.map((value) => ({ name: field, value, without: toggleOwn(filters, field, value) })),
  );
  const singles = [...NUMBERS, ...DATES].flatMap((name) => {
    const value = filters[name];
    return value ? [{ name, value: String(value), without: without(filters, name) }] : [];
  });
  return [...lists, ...own, ...singles];
}

export function writeFilters(filters: Filters, parameters: URLSearchParams): void {
  for (const { name, value } of activeFilters(filters)) parameters.append(name, value);
}

/** The filters of an address; what is no number or date is left out. */
export function readFilters(parameters: URLSearchParams): Filters {
  let filters: Filters = {};
  for (const name of LISTS) {
    const values = [...new Set(parameters.getAll(name).filter(Boolean))];
    if (values.length) filters = withList(filters, name, values);
  }
  for (const name of new Set(parameters.keys())) {
    const values = [...new Set(parameters.getAll(name).filter(Boolean))];
    if (isOwn(name)) filters = withOwn(filters, name, values);
  }
  for (const name of NUMBERS) {
    const size = Number(parameters.get(name));
    if (Number.isInteger(size) && size > 0) filters = change(filters, name, size);
  }
  for (const name of DATES) {
    const date = parameters.get(name) ?? "";
    if (/^\d{4}(-\d{2}(-\d{2})?)?$/.test(date)) filters = change(filters, name, date);
  }
  return filters;
}

function withList(filters: Filters, name: ListFilter, values: readonly string[]): Filters {
  const rest = without(filters, name);
  return values.length ? { ...rest, [name]: values } : rest;
}

function named(kind: FilterField["kind"]): string[] {
  return FIELDS.filter((field) => field.kind === kind).map(({ name }) => name);
}

function rank(name: string): number {
  return FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length;
}
