import { describe, expect, it } from "vitest";
import type { Part } from "../src/query/grammar";
import { type Action, addressOf, nextRoute, type Route, routeOf } from "../src/query/route";
import { arrange, partsOf } from "../src/query/search";

const PHOTO: Part = { kind: "id", value: "a b/c", weight: 1 };
const START = routeOf("");

function afterwards(...actions: Action[]): Route {
  return actions.reduce(nextRoute, START);
}

function roundTrip({ search, photo }: Route): Route {
  return routeOf(addressOf(search, photo));
}

describe("the address", () => {
  it("is empty for the whole library", () => {
    expect(addressOf(START.search, null)).toBe("");
  });

  it("holds a text, filters, switches and the open photo", () => {
    const route = afterwards(
      { type: "setText", text: "red car" },
      { type: "setFilters", filters: { tags: ["night"], min_width: 800 } },
      { type: "setMode", mode: "hybrid" },
      { type: "setDedupe", dedupe: false },
      { type: "setSort", sort: "taken:asc" },
      { type: "openPhoto", photo: "a b/c" },
    );
    const back = roundTrip(route);
    expect(back.search).toEqual(route.search);
    expect(back.photo).toBe("a b/c");
  });

  it("leaves out an order that the page does not offer", () => {
    expect(routeOf("?sort=pixels").search.sort).toBe("pixels");
    expect(routeOf("?sort=nothing").search.sort).toBe("");
  });

  it("holds chips and their weights", () => {
    const route = afterwards(
      { type: "setText", text: "red car" },
      { type: "addPart", part: PHOTO },
      { type: "setWeight", index: 0, weight: -0.5 },
    );
    expect(roundTrip(route).search).toEqual(route.search);
    expect(new URLSearchParams(addressOf(route.search, null)).get("q")).toBe(
      '- 0.5:"red car" + id:"a b/c"',
    );
  });
});

describe("the search", () => {
  it("keeps a plain text in the box, and makes chips of parts", () => {
    expect(afterwards({ type: "setText", text: "red car" }, { type: "commit" }).search.text).toBe(
      "red car",
    );
    const { search } = afterwards({ type: "setText", text: "car - snow" }, { type: "commit" });
    expect(search.text).toBe("");
    expect(search.chips.map(({ weight }) => weight)).toEqual([1, -1]);
  });

  it("turns what stands in the box into a chip when something joins it", () => {
    const { search } = afterwards(
      { type: "setText", text: "car" },
      { type: "addPart", part: PHOTO },
    );
    expect(partsOf(search).map(({ value }) => value)).toEqual(["car", "a b/c"]);
    expect(search.text).toBe("");
  });

  it("unpacks the last chip on backspace, and leaves a text alone", () => {
    const two = afterwards({ type: "setText", text: "car + sea" }, { type: "commit" });
    const one = nextRoute(two, { type: "editLast" });
    expect([one.search.chips.length, one.search.text]).toEqual([1, "sea"]);
    expect(nextRoute(one, { type: "editLast" }).search).toEqual(one.search);
  });

  it("drops parts, and more like this replaces them", () => {
    const two = afterwards({ type: "setText", text: "car + sea" }, { type: "commit" });
    expect(nextRoute(two, { type: "removePart", index: 0 }).search.chips).toHaveLength(1);
    expect(nextRoute(two, { type: "replaceParts", part: PHOTO }).search.chips).toEqual([PHOTO]);
    expect(partsOf(nextRoute(two, { type: "clear" }).search)).toEqual([]);
  });

  it("shows a weighted text as a chip, so that its weight can be seen", () => {
    expect(arrange([{ kind: "text", value: "fog", weight: 2 }]).chips).toHaveLength(1);
  });

  it("closes the open photo when something else is searched for", () => {
    const route = afterwards(
      { type: "openPhoto", photo: "x" },
      { type: "replaceParts", part: PHOTO },
    );
    expect(route.photo).toBeNull();
  });
});

describe("the history", () => {
  it("gets an entry for steps, and none for drafts and turning over", () => {
    expect(afterwards({ type: "setText", text: "c" }).historyChange).toBe("draft");
    expect(
      afterwards({ type: "addPart", part: PHOTO }, { type: "setWeight", index: 0, weight: 2 })
        .historyChange,
    ).toBe("draft");
    expect(afterwards({ type: "setFilters", filters: {} }).historyChange).toBe("push");
    expect(afterwards({ type: "openPhoto", photo: "x" }).historyChange).toBe("push");
    expect(afterwards({ type: "openPhoto", photo: "x", turn: true }).historyChange).toBe("replace");
  });
});
