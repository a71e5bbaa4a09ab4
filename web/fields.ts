/**
 * The filters of the API, out of its OpenAPI document. The page is built with this table, so that a
 * filter that the gateway gains is in the address and in the panel without a line written here.
 */

import api from "./openapi.json" with { type: "json" };

export interface FilterField {
  name: string;
  /** As people read it: "Licence". */
  title: string;
  kind: "list" | "number" | "date";
  /** Whether the API counts the photos of each of its values. */
  facet: boolean;
}

interface Schema {
  title: string;
  type?: string;
  anyOf?: readonly { type?: string }[];
}

const { Filters, FacetsModel } = api.components.schemas;

export const FILTER_FIELDS = filterFields(Filters.properties, FacetsModel.properties);

export function filterFields(filters: Record<string, Schema>, facets: object): FilterField[] {
  return Object.entries(filters).map(([name, schema]) => ({
    name,
    title: schema.title,
    kind: kindOf(schema),
    facet: name in facets,
  }));
}

function kindOf({ type, anyOf = [] }: Schema): FilterField["kind"] {
  if (type === "array") return "list";
  return [type, ...anyOf.map((one) => one.type)].includes("integer") ? "number" : "date";
}
