import { expect, it } from "vitest";
import type { Filters } from "../src/api/types";
import { activeFilters, change, readFilters, toggle, writeFilters } from "../src/query/filters";
import { ownValues, toggleOwn } from "../src/query/own-filters";

const ALL: Filters = {
  tags: ["beach", "sea & sky"],
  licence: ["CC0-1.0"],
  colour: ["red", "#aabbcc"],
  where: ["width >= 2000"],
  min_width: 1200,
  taken_from: "2024-05",
};

it("goes into an address and comes back", () => {
  const parameters = new URLSearchParams();
  writeFilters(ALL, parameters);
  expect(readFilters(new URLSearchParams(parameters.toString()))).toEqual(ALL);
});

it("leaves out of an address what cannot be", () => {
  const address = "?min_width=wide&min_height=-3&taken_from=soon&tags=&tags=a&tags=a&nothing=1";
  expect(readFilters(new URLSearchParams(address))).toEqual({ tags: ["a"] });
});

it("toggles a value and forgets an empty list", () => {
  const once = toggle({}, "tags", "beach");
  expect(once).toEqual({ tags: ["beach"] });
  expect(toggle(once, "tags", "sea")).toEqual({ tags: ["beach", "sea"] });
  expect(toggle(once, "tags", "beach")).toEqual({});
});

it("changes a size or a date, and takes it away", () => {
  expect(change({ min_width: 5 }, "min_width", 10)).toEqual({ min_width: 10 });
  expect(change({ min_width: 5 }, "min_width", 0)).toEqual({});
  expect(change({ taken_to: "2024" }, "taken_to", "")).toEqual({});
});

it("names each filter and what is left without it", () => {
  const active = activeFilters(ALL);
  expect(active.map(({ value }) => value)).toEqual([
    "beach",
    "sea & sky",
    "CC0-1.0",
    "red",
    "#aabbcc",
    "width >= 2000",
    "1200",
    "2024-05",
  ]);
  expect(active[3]?.without.colour).toEqual(["#aabbcc"]);
  expect(active[6]?.without).not.toHaveProperty("min_width");
});

it("has columns of a manifest by their names in the address, and as conditions for the API", () => {
  const address = '?metadata.project=Spring&metadata.a "%3D"=x%26y&metadata.project=été&tags=sea';
  const filters = readFilters(new URLSearchParams(address));
  expect(filters.where?.map((text) => JSON.parse(text))).toEqual([
    { field: "metadata.project", op: "in", value: ["Spring", "été"] },
    { field: 'metadata.a "="', op: "in", value: ["x&y"] },
  ]);
  const written = new URLSearchParams();
  writeFilters(filters, written);
  expect(written.getAll("metadata.project")).toEqual(["Spring", "été"]);
  expect(written.get('metadata.a "="')).toBe("x&y");
  expect(written.has("where")).toBe(false);
  expect(readFilters(written)).toEqual(filters);
});

it("toggles a value of a column, and leaves other filters alone", () => {
  const others: Filters = {
    where: ["width >= 2000", '{"field":"metadata.year","op":"=","value":"2024"}', "{"],
    tags: ["sea"],
  };
  const once = toggleOwn(others, "metadata.project", "Spring");
  expect(ownValues(once, "metadata.project")).toEqual(["Spring"]);
  const twice = toggleOwn(once, "metadata.project", "Autumn");
  expect(activeFilters(twice).map(({ name, value }) => [name, value])).toEqual([
    ["tags", "sea"],
    ["where", "width >= 2000"],
    ["where", '{"field":"metadata.year","op":"=","value":"2024"}'],
    ["where", "{"],
    ["metadata.project", "Spring"],
    ["metadata.project", "Autumn"],
  ]);
  expect(activeFilters(twice)[4]?.without).toEqual(toggleOwn(others, "metadata.project", "Autumn"));
  expect(
    toggleOwn(toggleOwn(twice, "metadata.project", "Spring"), "metadata.project", "Autumn"),
  ).toEqual(others);
  expect(toggleOwn(toggleOwn({}, "metadata.a", "b"), "metadata.a", "b")).toEqual({});
});
