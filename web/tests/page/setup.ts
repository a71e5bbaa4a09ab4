import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { savedFiles } from "./browser";

configure({
  // On a busy machine.
  asyncUtilTimeout: 10_000,
  // The whole document in each failure hides what failed.
  getElementError: (message) => new Error(message ?? "No such element."),
});

const complaints: string[] = [];

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation((...words) => complaints.push(words.join(" ")));
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  sessionStorage.clear();
  localStorage.clear();
  savedFiles.splice(0);
  // happy-dom does not know the element <search> yet.
  const unexpected = complaints
    .splice(0)
    .filter((line) => !line.endsWith("uppercase letter. search"));
  expect(unexpected).toEqual([]);
});
