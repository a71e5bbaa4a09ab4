import { expect, it } from "vitest";
import { FILTER_FIELDS, filterFields } from "../fields";

it("reads kinds, titles and facets out of the document of the API", () => {
  const fields = new Map(FILTER_FIELDS.map((field) => [field.name, field]));
  expect(fields.get("licence")).toEqual({
    name: "licence",
    title: "Licence",
    kind: "list",
    facet: true,
  });
  expect(fields.get("where")).toMatchObject({ kind: "list", facet: false });
  expect(fields.get("min_width")?.kind).toBe("number");
  expect(fields.get("taken_from")?.kind).toBe("date");
});

it("takes a filter that is new as it comes", () => {
  const lens = { title: "Lens", type: "array" };
  expect(filterFields({ lens }, { total: {}, lens: {} })).toEqual([
    { name: "lens", title: "Lens", kind: "list", facet: true },
  ]);
});
