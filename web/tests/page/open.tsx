import "@testing-library/jest-dom/vitest";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, configure, render } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { createQueryClient } from "../../src/api/query-client";
import { App } from "../../src/app";
import { Notices } from "../../src/shared/notices";
import "./browser";
import { Gateway } from "./gateway";

configure({
  // On a busy machine.
  asyncUtilTimeout: 10_000,
  // The whole document in each failure hides what failed.
  getElementError: (message) => new Error(message ?? "No such element."),
});
vi.setConfig({ testTimeout: 30_000 });

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
  // happy-dom does not know the element <search> yet.
  const unexpected = complaints
    .splice(0)
    .filter((line) => !line.endsWith("uppercase letter. search"));
  expect(unexpected).toEqual([]);
});

/** The page at an address. */
export function openPage(address = "/", gateway = new Gateway()) {
  history.replaceState(null, "", address);
  vi.stubGlobal("fetch", gateway.fetch);
  render(
    <QueryClientProvider client={createQueryClient()}>
      <Notices>
        <App />
      </Notices>
    </QueryClientProvider>,
  );
  return { gateway, user: userEvent.setup() };
}

/** What the address says. */
export function address(): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(location.search));
}
