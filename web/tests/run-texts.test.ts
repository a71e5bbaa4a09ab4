import { describe, expect, it } from "vitest";
import type { Run } from "../src/api/types";
import { errorParts, outcomeText, progressText, runTitle } from "../src/library/run-texts";
import { durationText, lastPart } from "../src/shared/format";

const RUN: Run = {
  id: "1",
  folder: "/home/ada/Pictures",
  state: "running",
  total: 2000,
  done: 120,
  indexed: 119,
  updated: 0,
  unchanged: 0,
  skipped: 1,
  deleted: 0,
  per_second: 4.26,
  seconds_left: 441,
  seconds: 30,
  left_out: [],
  not_read: "",
  remarks: [],
  error: "",
};

describe("progressText", () => {
  it("says how many, how fast, how long", () => {
    expect(progressText(RUN)).toBe("120 of 2,000 photos · 4.3 photos/s · about 7 minutes left");
  });
  it("says what is known, and no more", () => {
    const unknown = { ...RUN, total: null, seconds_left: null, per_second: 0 };
    expect(progressText(unknown)).toBe("120 photos");
    expect(progressText({ ...RUN, done: 0 })).toBe("2,000 photos found. The first ones are read…");
  });
});

describe("outcomeText", () => {
  it("tells what was new, what was there, and what stays out", () => {
    expect(outcomeText({ ...RUN, state: "done" })).toBe(
      "119 photos indexed, took about 30 seconds.",
    );
    const again = { ...RUN, state: "done" as const, indexed: 1, unchanged: 118, deleted: 2 };
    expect(outcomeText({ ...again, seconds: 0.4 })).toBe(
      "1 photo indexed, 118 were there already, 2 stay out, as you deleted them earlier.",
    );
  });
  it("says how to go on after a stop", () => {
    expect(outcomeText({ ...RUN, state: "stopped" })).toContain("What is indexed stays");
  });
});

it("does not call a folder indexed of which nothing could be used", () => {
  const none = { ...RUN, state: "done" as const, indexed: 0 };
  expect(runTitle(none)).toBe("No photo of Pictures could be used");
  expect(runTitle({ ...none, unchanged: 3 })).toBe("Pictures is in your library");
});

it("shows the first sentences of a long error, and keeps the rest", () => {
  expect(errorParts("Short.")).toEqual(["Short.", ""]);
  const long = `It failed. Try again. ${"x".repeat(300)}`;
  expect(errorParts(long)).toEqual(["It failed. Try again.", "x".repeat(300)]);
  expect(errorParts("x".repeat(300))).toEqual(["x".repeat(300), ""]);
});

it.each([
  [3, "a few seconds"],
  [12, "about 20 seconds"],
  [55, "about 1 minute"],
  [150, "about 3 minutes"],
  [3500, "about 1 hour"],
  [9000, "about 3 hours"],
])("says %d seconds as %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

it.each([
  ["/home/ada/Pictures", "Pictures"],
  ["C:\\Users\\Ada\\Pictures\\", "Pictures"],
  ["/", "/"],
])("calls %s %s", (path, name) => {
  expect(lastPart(path)).toBe(name);
});
