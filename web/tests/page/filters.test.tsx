import { screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { Gateway } from "./gateway";
import { address, openPage } from "./open";

it("puts a filter that is chosen into the address and the search, and takes it out", async () => {
  const { gateway, user } = openPage("/?q=sea");
  await user.click(await screen.findByRole("checkbox", { name: "night 3" }));
  await waitFor(() => expect(gateway.lastSearch?.filter).toEqual({ tags: ["night"] }));
  expect(address()).toEqual({ q: "sea", tags: "night" });
  expect(gateway.last("GET /api/facets")?.parameters.get("tags")).toBe("night");

  await user.click(screen.getByRole("button", { name: "Remove the filter night" }));
  expect(screen.getByRole("checkbox", { name: "night 3" })).not.toBeChecked();
  expect(address()).toEqual({ q: "sea" });
});

it("takes a size over when its field is left, and removes all filters at once", async () => {
  const { gateway, user } = openPage("/?colour=blue");
  await user.type(await screen.findByRole("spinbutton", { name: "Width" }), "2000");
  expect(address()).toEqual({ colour: "blue" });
  await user.tab();
  await waitFor(() =>
    expect(gateway.lastSearch?.filter).toEqual({ colour: ["blue"], min_width: 2000 }),
  );
  await user.click(screen.getByRole("button", { name: "Remove all" }));
  expect(address()).toEqual({});
});

it("offers a way out when no photo satisfies the filters", async () => {
  const gateway = new Gateway([]);
  const { user } = openPage("/?tags=snow", gateway);
  await user.click(await screen.findByRole("button", { name: "Remove the filters" }));
  expect(address()).toEqual({});
});
