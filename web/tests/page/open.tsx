import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { vi } from "vitest";
import { createQueryClient } from "../../src/api/query-client";
import { App } from "../../src/app";
import { Notices } from "../../src/shared/notices";
import { Gateway } from "./gateway";

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
