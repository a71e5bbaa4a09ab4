import { expect, it } from "vitest";
import { NOTHING, selectRange, toggleOne } from "../src/selection";

const SHOWN = ["a", "b", "c", "d", "e"];

it("toggles one photo", () => {
  const one = toggleOne(NOTHING, "b");
  expect([...one.ids]).toEqual(["b"]);
  expect([...toggleOne(one, "b").ids]).toEqual([]);
});

it("selects a range in both directions and keeps what was selected", () => {
  const start = toggleOne(toggleOne(NOTHING, "e"), "b");
  expect([...selectRange(start, "d", SHOWN).ids].sort()).toEqual(["b", "c", "d", "e"]);
  const back = toggleOne(NOTHING, "d");
  expect([...selectRange(back, "b", SHOWN).ids].sort()).toEqual(["b", "c", "d"]);
});

it("selects one photo where there is no beginning of a range any more", () => {
  expect([...selectRange(NOTHING, "c", SHOWN).ids]).toEqual(["c"]);
  expect([...selectRange(toggleOne(NOTHING, "gone"), "c", SHOWN).ids]).toEqual(["gone", "c"]);
});
