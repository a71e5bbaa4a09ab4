import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { answerWith, Gateway, hit, photo } from "./gateway";
import { address, openPage } from "./open";

it("searches once for what is typed, when typing pauses", async () => {
  const { gateway } = openPage();
  const box = screen.getByRole("textbox", { name: "Search photos" });
  for (const text of ["red", "red c", "red car"])
    fireEvent.change(box, { target: { value: text } });
  await waitFor(() => expect(address()).toEqual({ q: "red car" }));
  expect(await screen.findByText("4 photos, best first", { exact: false })).toBeVisible();
  const asked = gateway.requests.filter(({ route }) => route === "POST /api/search");
  expect(asked.map(({ body }) => (body as { query: unknown }).query)).toEqual([
    [],
    [{ text: "red car", weight: 1 }],
  ]);
});

it("goes back to what was typed before, when that was another text", async () => {
  openPage();
  const box = screen.getByRole("textbox", { name: "Search photos" });
  const type = async (text: string) => {
    fireEvent.change(box, { target: { value: text } });
    await waitFor(() => expect(address()).toEqual(text ? { q: text } : {}));
  };
  await type("boa");
  await type("boat");
  await type("owl");
  history.back();
  await waitFor(() => expect(box).toHaveValue("boat"));
  history.back();
  await waitFor(() => expect(box).toHaveValue(""));
});

it("asks what was meant, and searches for it at a click", async () => {
  const gateway = new Gateway();
  gateway.on("POST /api/search", () => ({
    ...answerWith([hit("a")]),
    hint: "The sign at a word is read as a letter. Did you mean: red - car",
    suggestion: "red - car",
  }));
  const { user } = openPage("/?q=red+-car", gateway);
  expect(await screen.findByRole("note")).toHaveTextContent("Did you mean: red - car");
  await user.click(screen.getByRole("button", { name: "red - car" }));
  await waitFor(() => expect(address()).toEqual({ q: '"red" - "car"' }));
});

it("makes chips of a query's parts, weighs them, and gives the last back to the box", async () => {
  const { gateway, user } = openPage();
  const box = screen.getByRole("textbox", { name: "Search photos" });
  await user.type(box, "car + night{Enter}");
  fireEvent.change(screen.getByRole("slider", { name: "Weight of night" }), {
    target: { value: "-0.5" },
  });
  await waitFor(() => expect(address()).toEqual({ q: '"car" - 0.5:"night"' }));
  expect(gateway.lastSearch?.query).toEqual([
    { text: "car", weight: 1 },
    { text: "night", weight: -0.5 },
  ]);
  await user.type(box, "{Backspace}");
  expect(box).toHaveValue("night");
  expect(screen.queryByRole("slider", { name: "Weight of night" })).toBeNull();
});

it("hides duplicates unless told otherwise, and shows those of one photo on demand", async () => {
  const gateway = new Gateway([{ ...hit("a"), duplicates: [photo("copy")] }, hit("b")]);
  const { user } = openPage("/", gateway);
  const badge = await screen.findByRole("button", { name: "1 near-duplicate of Photo a" });
  expect(gateway.lastSearch?.dedupe).toBe(true);
  expect(screen.queryByRole("img", { name: "Photo copy" })).toBeNull();
  await user.click(badge);
  expect(screen.getByRole("img", { name: "Photo copy" })).toBeVisible();

  await user.click(screen.getByRole("switch", { name: "Hide duplicates" }));
  await waitFor(() => expect(gateway.lastSearch?.dedupe).toBe(false));
  expect(address()).toEqual({ dedupe: "false" });
});

it("says that nothing fits well before it shows what comes closest", async () => {
  const gateway = new Gateway([hit("a")]);
  gateway.on("POST /api/search", () => ({ ...answerWith([hit("a")]), confidence: "low" }));
  openPage("/?q=tax+return", gateway);
  expect(await screen.findByRole("heading", { name: "No good match" })).toBeVisible();
  expect(screen.getByRole("img", { name: "Photo a" })).toBeVisible();
});

it("sorts by what is chosen, goes on after the last photo, and keeps the order in the address", async () => {
  const gateway = new Gateway();
  gateway.on("POST /api/search", () => ({
    ...answerWith([hit("a")]),
    mode: "browse",
    next_offset: 1,
    next_after: "A",
  }));
  const { user } = openPage("/", gateway);
  const order = await screen.findByRole("combobox", { name: "Sort by" });
  expect(order).toHaveDisplayValue("Added, newest");
  await user.selectOptions(order, "Size, largest");
  expect(address()).toEqual({ sort: "pixels" });
  expect(await screen.findByText("largest first", { exact: false })).toBeVisible();
  expect(gateway.lastSearch?.sort).toBe("pixels");
  await user.type(screen.getByRole("textbox", { name: "Search photos" }), "car");
  await waitFor(() => expect(address()).toEqual({ q: "car", sort: "pixels" }));
  await user.selectOptions(order, "Best match");
  expect(address()).toEqual({ q: "car" });
});
