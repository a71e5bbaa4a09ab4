import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { savedFiles } from "./browser";
import { openPage } from "./open";

it("selects one photo and a range, downloads them together, and clears them", async () => {
  const { gateway, user } = openPage();
  gateway.on("POST /api/photos/zip", () => new Response("zip"));
  await user.click(await screen.findByRole("button", { name: "Select Photo b" }));
  expect(screen.getByText("1 photo selected")).toBeVisible();
  await user.keyboard("{Shift>}");
  await user.click(screen.getByRole("button", { name: "Select Photo d" }));
  await user.keyboard("{/Shift}");
  expect(screen.getByText("3 photos selected")).toBeVisible();

  await user.click(screen.getByRole("button", { name: "Download zip" }));
  await waitFor(() =>
    expect(gateway.last("POST /api/photos/zip")?.body).toEqual({ ids: ["b", "c", "d"] }),
  );
  await waitFor(() => expect(savedFiles).toEqual(["photos.zip"]));
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("region", { name: "Selection" })).toBeNull();
});

it("selects with a click on a photo once one is selected, and opens it otherwise", async () => {
  const { user } = openPage();
  await user.click(await screen.findByRole("button", { name: "Select Photo a" }));
  await user.click(screen.getByRole("link", { name: "Photo c" }));
  expect(screen.getByText("2 photos selected")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Clear the selection" }));
  await user.click(screen.getByRole("link", { name: "Photo c" }));
  expect(screen.getByRole("dialog", { name: "Photo c" })).toBeVisible();
});

it("says what was deleted of a selection when the rest fails", async () => {
  const { gateway, user } = openPage();
  gateway.on("DELETE /api/photos/a", () => new Response(null, { status: 204 }));
  gateway.on("DELETE /api/photos/c", () =>
    Response.json({ status: 507, detail: "The disk is full." }, { status: 507 }),
  );
  await user.click(await screen.findByRole("button", { name: "Select Photo a" }));
  await user.click(screen.getByRole("button", { name: "Select Photo c" }));
  await user.click(screen.getByRole("button", { name: "Delete these from the library" }));
  const question = screen.getByRole("dialog", { name: "Delete 2 photos?" });
  await user.click(within(question).getByRole("button", { name: "Delete" }));
  expect(await within(question).findByRole("alert")).toHaveTextContent("The disk is full.");
  expect(question).toHaveTextContent("What was deleted before stays deleted.");
});
