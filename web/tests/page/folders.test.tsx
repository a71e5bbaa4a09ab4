import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Folder, Run, Stats } from "../../src/api/types";
import { answerWith, Gateway, hit, problem } from "./gateway";
import { openPage } from "./open";

const PICTURES: Folder = {
  path: "/home/ada/Pictures",
  name: "Pictures",
  parents: [{ name: "Home", path: "/home/ada" }],
  folders: [
    { name: "May", path: "/home/ada/Pictures/May", photos: 12, is_exact: true, problem: "" },
    { name: "Huge", path: "/home/ada/Pictures/Huge", photos: 1800, is_exact: false, problem: "" },
    { name: "Vault", path: "", photos: 0, is_exact: true, problem: "It cannot be read." },
  ],
  photos: 1812,
  is_exact: false,
  more: 0,
  problem: "",
};
const PLACES: Folder = {
  ...PICTURES,
  path: "",
  name: "",
  parents: [],
  folders: [
    { name: "Pictures", path: PICTURES.path, photos: 1812, is_exact: false, problem: "" },
    { name: "Empty", path: "/empty", photos: 0, is_exact: true, problem: "" },
  ],
};
const RUN: Run = {
  id: "1",
  folder: PICTURES.path,
  state: "running",
  total: 200,
  done: 50,
  indexed: 49,
  updated: 0,
  unchanged: 0,
  skipped: 1,
  deleted: 0,
  per_second: 12.5,
  seconds_left: 150,
  seconds: 4,
  left_out: [{ uri: "/home/ada/Pictures/broken.jpg", reason: "The picture is damaged." }],
  not_read: "",
  remarks: [],
  error: "",
};

/** A gateway without photos, asked from its own machine. */
function empty(stats: Partial<Stats> = {}) {
  const gateway = new Gateway([]);
  gateway.on("GET /api/stats", () =>
    Response.json({ photos: 0, model: "demo", precision: "fp32", folders: true, ...stats }),
  );
  gateway.on("POST /api/local/folders", ({ body }) => {
    const { path } = body as { path: string };
    if (!path) return PLACES;
    return path === PICTURES.path
      ? PICTURES
      : { ...PICTURES, path, name: "Empty", folders: [], photos: 0, is_exact: true };
  });
  gateway.on("GET /api/local/run", () => ({ run: null }));
  return gateway;
}

it("leads from the places to a folder and back, and indexes what is open", async () => {
  const gateway = empty();
  gateway.on("POST /api/local/run", () => Response.json(RUN, { status: 202 }));
  const { user } = openPage("/", gateway);
  expect(await screen.findByRole("heading", { name: "Choose a folder with your photos" }));
  expect(screen.queryByRole("button", { name: "Index this folder" })).toBeNull();
  expect(screen.queryByText("newest first", { exact: false })).toBeNull();

  await user.click(await screen.findByRole("button", { name: "Pictures over 1,812 photos" }));
  const way = within(screen.getByRole("navigation", { name: "Where this folder is" }));
  await waitFor(() => expect(way.getByText("Pictures")).toHaveFocus());
  expect(screen.getByText("More than 1,812 photos in here")).toBeVisible();
  const list = within(screen.getByRole("list", { name: "Folders" }));
  expect(list.getByText("It cannot be read.")).toBeVisible();
  expect(list.queryByRole("button", { name: /Vault/ })).toBeNull();

  await user.click(way.getByRole("button", { name: "Places" }));
  await user.click(await screen.findByRole("button", { name: "Empty" }));
  expect(await screen.findByText("No photos in here")).toBeVisible();
  expect(screen.getByRole("button", { name: "Index this folder" })).toBeDisabled();
  await user.click(way.getByRole("button", { name: "Places" }));
  await user.click(await screen.findByRole("button", { name: /^Pictures/ }));

  await waitFor(() => expect(way.getByText("Pictures")).toHaveFocus());
  gateway.on("GET /api/local/run", () => ({ run: RUN }));
  await user.click(screen.getByRole("button", { name: "Index this folder" }));
  expect(await screen.findByRole("heading", { name: "Indexing Pictures" })).toBeVisible();
  expect(gateway.last("POST /api/local/run")?.body).toEqual({ path: PICTURES.path });
});

it("shows a run to whoever opens the page, and its photos as they come", async () => {
  const gateway = empty();
  gateway.on("GET /api/local/run", () => ({ run: RUN }));
  const { user } = openPage("/", gateway);
  const text = "50 of 200 photos · 13 photos/s · about 3 minutes left";
  expect((await screen.findAllByText(text))[0]).toBeVisible();
  expect(screen.getByRole("progressbar", { name: "Photos dealt with" })).toHaveAttribute(
    "value",
    "50",
  );
  expect(screen.getByText("Photos appear here as they come.")).toBeVisible();
  await user.click(screen.getByText("1 photo left out"));
  expect(screen.getByText("The picture is damaged.")).toBeVisible();

  gateway.on("POST /api/search", () => answerWith([hit("a")]));
  gateway.on("GET /api/local/run", () => ({ run: { ...RUN, done: 90, indexed: 89 } }));
  expect(await screen.findByRole("img", { name: "Photo a" })).toBeVisible();

  gateway.on("POST /api/local/run/stop", () => ({ ...RUN, state: "stopping" }));
  gateway.on("GET /api/local/run", () => ({ run: { ...RUN, state: "stopped" } }));
  await user.click(screen.getByRole("button", { name: "Stop" }));
  expect(await screen.findByRole("heading", { name: "Pictures was stopped" })).toBeVisible();
  expect(screen.getByRole("button", { name: "Go on" })).toBeVisible();

  gateway.on("DELETE /api/local/run", () => new Response(null, { status: 204 }));
  await user.click(screen.getByRole("button", { name: "Put this away" }));
  await waitFor(() => expect(screen.queryByRole("heading", { name: /stopped/ })).toBeNull());
});

it("says why a run failed, and tries again", async () => {
  const gateway = empty();
  const error = `The model could not be had. ${"Nobody answers, again and again. ".repeat(9)}`;
  gateway.on("GET /api/local/run", () => ({ run: { ...RUN, state: "failed", error } }));
  gateway.on("POST /api/local/run", () => problem(409, "Another folder is being indexed."));
  const { user } = openPage("/", gateway);
  expect(await screen.findByText(/^The model could not be had\./, { selector: "h2 + p" }));
  await user.click(screen.getByText("What exactly"));
  expect(screen.getByText(/^Nobody answers/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Another folder is being indexed.");
});

it("says that the model is downloaded first", async () => {
  const gateway = empty({ precision: "", model: "ViT-B-32:laion2b_s34b_b79k" });
  openPage("/", gateway);
  const note = "The model ViT-B-32 is downloaded first, once: about 600 MB.";
  expect(await screen.findByText(note)).toBeVisible();
});

it("shows the gateway's sentence where a folder cannot be opened, and the way back", async () => {
  const gateway = empty();
  const { user } = openPage("/", gateway);
  const pictures = await screen.findByRole("button", { name: /^Pictures/ });
  gateway.on("POST /api/local/folders", ({ body }) =>
    (body as { path: string }).path ? problem(422, "There is no folder Pictures.") : PLACES,
  );
  await user.click(pictures);
  expect(await screen.findByRole("alert")).toHaveTextContent("There is no folder Pictures.");
  await user.click(screen.getByRole("button", { name: /^Empty/ }));
  expect(await screen.findByRole("alert")).toBeVisible();
});

it("names the commands to whoever sits at another machine", async () => {
  const gateway = empty({ folders: false });
  openPage("/", gateway);
  expect(await screen.findByRole("heading", { name: "The library is empty" })).toBeVisible();
  const commands = within(screen.getByRole("list", { name: "Commands" })).getAllByRole("listitem");
  expect(commands).toHaveLength(2);
  expect(gateway.last("POST /api/local/folders")).toBeUndefined();
  expect(gateway.last("GET /api/local/run")).toBeUndefined();
});

it("adds a further folder from where photos are added", async () => {
  const gateway = empty({ photos: 4, upload: true });
  gateway.on("POST /api/search", () => answerWith([hit("a")]));
  gateway.on("POST /api/local/run", () => Response.json(RUN, { status: 202 }));
  const { user } = openPage("/", gateway);
  await screen.findByRole("img", { name: "Photo a" });
  await user.click(await screen.findByRole("button", { name: "Add photos" }));
  await user.click(screen.getByRole("button", { name: "Index a folder of this computer" }));
  const dialog = within(screen.getByRole("dialog", { name: "Index a folder" }));
  await user.click(await dialog.findByRole("button", { name: /^Pictures/ }));
  gateway.on("GET /api/local/run", () => ({ run: RUN }));
  await user.click(await dialog.findByRole("button", { name: "Index this folder" }));
  expect(await screen.findByRole("heading", { name: "Indexing Pictures" })).toBeVisible();
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});
