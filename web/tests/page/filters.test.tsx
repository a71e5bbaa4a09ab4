import { screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { answerWith, Gateway, hit } from "./gateway";
import { address, openPage } from "./open";

it("puts a filter that is chosen into the address and the search, and takes it out", async () => {
  const { gateway, user } = openPage("/?q=sea");
  await user.click(await screen.findByRole("checkbox", { name: "night 3" }));
  await waitFor(() => expect(gateway.lastSearch?.filter).toEqual({ tags: ["night"] }));
  expect(gateway.lastSearch?.facets).toBe("choices");
  expect(address()).toEqual({ q: "sea", tags: "night" });

  await user.click(screen.getByRole("button", { name: "Remove the filter night" }));
  expect(screen.getByRole("checkbox", { name: "night 3" })).not.toBeChecked();
  expect(address()).toEqual({ q: "sea" });
});

it("asks once for photos and choices, and for the choices alone where they come late", async () => {
  const { gateway, user } = openPage("/?q=sea");
  await screen.findByRole("checkbox", { name: "night 3" });
  const asked = () => gateway.requests.map(({ route }) => route);
  expect(asked().filter(isOfPhotos)).toEqual(["POST /api/search"]);
  await user.click(screen.getByRole("checkbox", { name: "Ada 4" }));
  await waitFor(() => expect(gateway.lastSearch?.filter).toEqual({ photographer: ["Ada"] }));
  expect(gateway.lastSearch?.facets).toBe("choices");
  await user.click(screen.getByRole("checkbox", { name: "night 3" }));
  await waitFor(() => expect(gateway.lastSearch?.filter).toHaveProperty("tags"));
  expect(asked().filter(isOfPhotos)).toEqual(Array(3).fill("POST /api/search"));

  gateway.on("POST /api/search", () => answerWith([hit("a")]));
  await user.click(screen.getByRole("checkbox", { name: "CC0-1.0 4" }));
  await waitFor(() => {
    const { parameters } = gateway.last("GET /api/facets") ?? {};
    expect(parameters?.get("licence")).toBe("CC0-1.0");
  });
  expect(gateway.last("GET /api/facets")?.parameters.get("counted")).toBe("choices");
  await user.click(screen.getByRole("checkbox", { name: "landscape 4" }));
  await waitFor(() => expect(gateway.lastSearch?.filter).toHaveProperty("orientation"));
  expect(gateway.lastSearch).not.toHaveProperty("facets");
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
  expect(gateway.lastSearch?.facets).toBe("choices");
  expect(address()).toEqual({ q: "sea", "metadata.project": "#1 & more" });
  // Other values can still be chosen, and the counts of other filters follow.
  expect(screen.getByRole("checkbox", { name: "Spring 3" })).not.toBeChecked();

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

/** Whether a route gives hits or counts. */
function isOfPhotos(route: string): boolean {
  return route === "POST /api/search" || route === "GET /api/facets";
}
