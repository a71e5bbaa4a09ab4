import { describe, expect, it } from "vitest";
import type { Part } from "../src/query/grammar";
import { type Action, addressOf, nextPlace, type Place, placeOf } from "../src/query/route";
import { arrange, partsOf } from "../src/query/search";

const PHOTO: Part = { kind: "id", value: "a b/c", weight: 1 };
const START = placeOf("");

function afterwards(...actions: Action[]): Place {
  return actions.reduce(nextPlace, START);
}

function roundTrip({ search, photo }: Place): Place {
  return placeOf(addressOf(search, photo));
}

describe("the address", () => {
  it("is empty for the whole library", () => {
    expect(addressOf(START.search, null)).toBe("");
  });

  it("holds a text, filters, switches and the open photo", () => {
    const place = afterwards(
      { type: "write", text: "red car" },
      { type: "filter", filters: { tags: ["night"], min_width: 800 } },
      { type: "mode", mode: "hybrid" },
      { type: "fold", fold: false },
      { type: "open", photo: "a b/c" },
    );
    const back = roundTrip(place);
    expect(back.search).toEqual(place.search);
    expect(back.photo).toBe("a b/c");
  });

  it("holds chips and their weights", () => {
    const place = afterwards(
      { type: "write", text: "red car" },
      { type: "add", part: PHOTO },
      { type: "weigh", index: 0, weight: -0.5 },
    );
    expect(roundTrip(place).search).toEqual(place.search);
    expect(new URLSearchParams(addressOf(place.search, null)).get("q")).toBe(
      '- 0.5:"red car" + id:"a b/c"',
    );
  });
});

describe("the search", () => {
  it("keeps a plain text in the box, and makes chips of parts", () => {
    expect(afterwards({ type: "write", text: "red car" }, { type: "commit" }).search.text).toBe(
      "red car",
    );
    const { search } = afterwards({ type: "write", text: "car - snow" }, { type: "commit" });
    expect(search.text).toBe("");
    expect(search.chips.map(({ weight }) => weight)).toEqual([1, -1]);
  });

  it("turns what stands in the box into a chip when something joins it", () => {
    const { search } = afterwards({ type: "write", text: "car" }, { type: "add", part: PHOTO });
    expect(partsOf(search).map(({ value }) => value)).toEqual(["car", "a b/c"]);
    expect(search.text).toBe("");
  });

  it("unpacks the last chip on backspace, and leaves a text alone", () => {
    const two = afterwards({ type: "write", text: "car + sea" }, { type: "commit" });
    const one = nextPlace(two, { type: "unpack" });
    expect([one.search.chips.length, one.search.text]).toEqual([1, "sea"]);
    expect(nextPlace(one, { type: "unpack" }).search).toEqual(one.search);
  });

  it("drops parts, and more like this replaces them", () => {
    const two = afterwards({ type: "write", text: "car + sea" }, { type: "commit" });
    expect(nextPlace(two, { type: "drop", index: 0 }).search.chips).toHaveLength(1);
    expect(nextPlace(two, { type: "only", part: PHOTO }).search.chips).toEqual([PHOTO]);
    expect(partsOf(nextPlace(two, { type: "clear" }).search)).toEqual([]);
  });

  it("shows a weighted text as a chip, so that its weight can be seen", () => {
    expect(arrange([{ kind: "text", value: "fog", weight: 2 }]).chips).toHaveLength(1);
  });

  it("closes the open photo when something else is searched for", () => {
    const place = afterwards({ type: "open", photo: "x" }, { type: "only", part: PHOTO });
    expect(place.photo).toBeNull();
  });
});

describe("the history", () => {
  it("gets an entry for steps, and none for drafts and turning over", () => {
    expect(afterwards({ type: "write", text: "c" }).pace).toBe("draft");
    expect(
      afterwards({ type: "add", part: PHOTO }, { type: "weigh", index: 0, weight: 2 }).pace,
    ).toBe("draft");
    expect(afterwards({ type: "filter", filters: {} }).pace).toBe("step");
    expect(afterwards({ type: "open", photo: "x" }).pace).toBe("step");
    expect(afterwards({ type: "open", photo: "x", turn: true }).pace).toBe("same");
  });
});
