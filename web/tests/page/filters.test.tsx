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

it("filters by a column of the user's own manifest, as the gateway tells of it", async () => {
  const { gateway, user } = openPage("/?q=sea");
  await user.click(await screen.findByRole("checkbox", { name: "#1 & more 1" }));
  const where = ['{"field":"metadata.project","op":"in","value":["#1 & more"]}'];
  await waitFor(() => expect(gateway.lastSearch?.filter).toEqual({ where }));
  expect(address()).toEqual({ q: "sea", "metadata.project": "#1 & more" });
  // Other values can still be chosen, and the counts of other filters follow.
  expect(screen.getByRole("checkbox", { name: "Spring 3" })).not.toBeChecked();
  const asked = gateway.requests.filter(({ route }) => route === "GET /api/facets");
  expect(asked.map(({ parameters }) => parameters.get("where"))).toEqual([null, where[0]]);

  await user.click(screen.getByRole("checkbox", { name: "Spring 3" }));
  await user.click(screen.getByRole("button", { name: "Remove the filter Project: #1 & more" }));
  expect(address()).toEqual({ q: "sea", "metadata.project": "Spring" });
});

it("keeps a value of a column that the address has, though no photo has it", async () => {
  const { user } = openPage("/?metadata.project=Winter&metadata.client=ACME");
  const winter = await screen.findByRole("checkbox", { name: "Winter 0" });
  expect(winter).toBeChecked();
  expect(screen.getByRole("button", { name: "Remove the filter Client: ACME" })).toBeVisible();
  await user.click(winter);
  expect(address()).toEqual({ "metadata.client": "ACME" });
});

it("offers a way out when no photo satisfies the filters", async () => {
  const gateway = new Gateway([]);
  const { user } = openPage("/?tags=snow", gateway);
  await user.click(await screen.findByRole("button", { name: "Remove the filters" }));
  expect(address()).toEqual({});
});
