import { expect, it } from "vitest";
import { EMPTY_SELECTION, selectRange, toggleOne } from "../src/selection/selection";

const SHOWN = ["a", "b", "c", "d", "e"];

it("toggles one photo", () => {
  const one = toggleOne(EMPTY_SELECTION, "b");
  expect([...one.ids]).toEqual(["b"]);
  expect([...toggleOne(one, "b").ids]).toEqual([]);
});

it("selects a range in both directions and keeps what was selected", () => {
  const start = toggleOne(toggleOne(EMPTY_SELECTION, "e"), "b");
  expect([...selectRange(start, "d", SHOWN).ids].sort()).toEqual(["b", "c", "d", "e"]);
  const back = toggleOne(EMPTY_SELECTION, "d");
  expect([...selectRange(back, "b", SHOWN).ids].sort()).toEqual(["b", "c", "d"]);
});

it("selects one photo where there is no beginning of a range any more", () => {
  expect([...selectRange(EMPTY_SELECTION, "c", SHOWN).ids]).toEqual(["c"]);
  expect([...selectRange(toggleOne(EMPTY_SELECTION, "gone"), "c", SHOWN).ids]).toEqual([
    "gone",
    "c",
  ]);
});
