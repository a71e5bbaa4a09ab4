import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { Gateway, hit, NOTHING_WRITTEN, problem, STATS } from "./gateway";
import { address, openPage } from "./open";

it("turns to the neighbours with the arrow keys, and closes with Escape", async () => {
  const { user } = openPage();
  await user.click(await screen.findByRole("link", { name: "Photo b" }));
  await user.keyboard("{ArrowRight}");
  expect(screen.getByRole("dialog", { name: "Photo c" })).toBeVisible();
  expect(address()).toEqual({ photo: "c" });
  await user.keyboard("{ArrowLeft}{ArrowLeft}{ArrowLeft}");
  expect(address()).toEqual({ photo: "a" });
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(address()).toEqual({});
});

it("fills the screen with f, turns there too, and Escape leads back to the photo", async () => {
  const { user } = openPage("/?photo=b");
  await screen.findByRole("img", { name: "Photo a" });
  screen.getByRole("dialog", { name: "Photo b" }).focus();
  await user.keyboard("f");
  await screen.findByRole("dialog", { name: "Lightbox" });
  await user.keyboard("{ArrowRight}");
  await waitFor(() => expect(address()).toEqual({ photo: "c" }));
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog", { name: "Lightbox" })).toBeNull());
  expect(screen.getByRole("dialog", { name: "Photo c" })).toBeVisible();
});

it("tells who took it, under which licence, and what is printed beside it", async () => {
  openPage("/?photo=a");
  const facts = within(await screen.findByRole("complementary", { name: "About this photo" }));
  const told = facts
    .getAllByRole("term")
    .map((term) => [term.textContent, term.nextElementSibling?.textContent]);
  expect(told).toEqual([
    ["Photographer", "Ada"],
    ["Licence", "CC0-1.0"],
    ["Taken", "May 1, 2024"],
    ["Size", "1200 × 800 px · 1.0 MP"],
    ["Colours", "blue"],
    ["Match", "Best of all"],
    ["File", "a.jpg"],
    ["Id", "a"],
  ]);
  expect(facts.getByText("Photo a by Ada, CC0-1.0")).toBeVisible();
});

it("asks whether a hit is good only where that is kept, and one text was searched for", async () => {
  const { user, gateway } = openPage("/?photo=a&q=red%20%20car", keepingClicks());
  const asked = within(await screen.findByRole("group", { name: "For “red car”" }));
  await user.click(asked.getByRole("button", { name: "Good hit", pressed: false }));
  await asked.findByRole("button", { name: "Good hit", pressed: true });
  expect(gateway.last("POST /api/clicks")?.body).toEqual({
    query: "red car",
    photo: "a",
    good: true,
  });
  await user.click(asked.getByRole("button", { name: "Wrong" }));
  await asked.findByRole("button", { name: "Wrong", pressed: true });
  expect(gateway.last("POST /api/clicks")?.body).toMatchObject({ good: false });
});

it.each([
  ["a mixed query", "/?photo=a&q=car%20-%20snow", keepingClicks()],
  ["no query", "/?photo=a", keepingClicks()],
  ["a gateway that keeps no clicks", "/?photo=a&q=car", new Gateway()],
])("asks nothing about %s", async (_, address, gateway) => {
  openPage(address, gateway);
  await screen.findByRole("complementary", { name: "About this photo" });
  await waitFor(() => expect(gateway.last("GET /api/stats")).toBeDefined());
  expect(screen.queryByRole("button", { name: "Good hit" })).toBeNull();
});

it("tells why an opinion is not kept", async () => {
  const gateway = keepingClicks();
  gateway.on("POST /api/clicks", () => problem(507, "100,000 clicks are kept."));
  const { user } = openPage("/?photo=a&q=car", gateway);
  await user.click(await screen.findByRole("button", { name: "Good hit" }));
  expect(await screen.findByText("100,000 clicks are kept.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Good hit", pressed: false })).toBeVisible();
});

it("names its file and its folder, whose photos a click finds", async () => {
  const found = { ...hit("a"), folder: "Travel/Italy", uri: "/p/Travel/Italy/caf%C3%A9.jpg" };
  const { user } = openPage("/?photo=a&q=sea", new Gateway([found]));
  const facts = within(await screen.findByRole("complementary", { name: "About this photo" }));
  expect(facts.getByText("File").nextElementSibling).toHaveTextContent("café.jpg");
  expect(facts.getByRole("button", { name: "Copy the path of the file" })).toBeVisible();
  expect(facts.getByRole("button", { name: "Copy the link to this photo" })).toBeVisible();
  expect(facts.getByText("Folder").nextElementSibling).toHaveTextContent("Travel / Italy");
  await user.click(facts.getByRole("button", { name: "Italy" }));
  expect(address()).toEqual({ q: "sea", folder: "Travel/Italy" });
});

it("lists the columns of its manifest, and finds the others with the same value", async () => {
  const metadata = { project: "Spring", shot_by: "Ann <b>" };
  const { user } = openPage("/?photo=a&q=sea", new Gateway([{ ...hit("a"), metadata }]));
  const facts = within(await screen.findByRole("complementary", { name: "About this photo" }));
  expect(facts.getByText("Shot by").nextElementSibling).toHaveTextContent("Ann <b>");
  expect(facts.queryByRole("button", { name: "Ann <b>" })).toBeNull();
  await user.click(await facts.findByRole("button", { name: "Spring" }));
  expect(address()).toEqual({ q: "sea", "metadata.project": "Spring" });
});

it("searches for more of its kind with s, and adds it with Shift+S", async () => {
  const { user } = openPage("/?q=sea");
  await user.click(await screen.findByRole("link", { name: "Photo b" }));
  await user.keyboard("{Shift>}S{/Shift}");
  expect(address()).toEqual({ q: '"sea" + id:"b"' });
  await user.click(await screen.findByRole("link", { name: "Photo b" }));
  await user.keyboard("s");
  expect(address()).toEqual({ q: 'id:"b"' });
  expect(screen.queryByRole("dialog")).toBeNull();
});

it("asks before it deletes, and says why it could not", async () => {
  const { gateway, user } = openPage("/?photo=a");
  gateway.on("DELETE /api/photos/a", () => problem(403, "This gateway takes no changes."));
  await user.click(await screen.findByRole("button", { name: "Delete from the library" }));
  expect(gateway.last("DELETE /api/photos/a")).toBeUndefined();
  await user.click(screen.getByRole("button", { name: "Delete" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("This gateway takes no changes.");

  gateway.on("DELETE /api/photos/a", () => new Response(null, { status: 204 }));
  await user.click(screen.getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(screen.getByText("“Photo a” is no longer in the library.")).toBeVisible();
});

it("says what the photo's file says of it, with links to the web alone", async () => {
  const gateway = new Gateway([
    {
      ...hit("a"),
      caption: "Waves break over the pier.\nAll night.",
      written: {
        ...NOTHING_WRITTEN,
        headline: "Storm over the harbour",
        credit: "Nordlys",
        copyright: "© Ada",
        usage_terms: "Editorial use only.",
        web_statement: "https://nordlys.example/rights",
        licensor_url: "javascript:alert(1)",
        rating: "4",
        city: "Bergen",
        country: "Norway",
        keyword_paths: ["places|Europe|Norway", "storm"],
      },
    },
  ]);
  openPage("/?photo=a", gateway);
  const view = await screen.findByRole("dialog", { name: "Storm over the harbour" });
  const facts = Array.from(view.querySelectorAll("dt"), (name) => [
    name.textContent,
    name.nextElementSibling?.textContent,
  ]);
  expect(Object.fromEntries(facts)).toMatchObject({
    Photographer: "Ada",
    Credit: "Nordlys",
    Copyright: "© Ada",
    Licence: "CC0-1.0",
    "Usage terms": "Editorial use only.",
    Rating: "★★★★☆",
    Place: "Bergen, Norway",
  });
  expect(within(view).getByText(/Waves break/)).toHaveClass("caption");
  expect(within(view).getByText("places › Europe › Norway")).toBeInTheDocument();
  const links = within(view)
    .getAllByRole("link")
    .map((link) => link.getAttribute("href"));
  expect(links).toContain("https://nordlys.example/rights");
  expect(links.join()).not.toContain("javascript");
});

it("lists what is written in the picture, and marks where it stands", async () => {
  const box = [
    [0.1, 0.2],
    [0.5, 0.2],
    [0.5, 0.3],
    [0.1, 0.3],
  ] as [number, number][];
  const line = (text: string) => ({ text, confidence: 0.97, corners: box });
  const text = { reader: "r 1", is_rough: true, lines: [line("SUMMER SALE"), line("50 %")] };
  const found = { ...hit("a"), text, lines_found: ["SUMMER SALE"] };
  const { user } = openPage("/?photo=a&q=sale", new Gateway([found, hit("b")]));
  const side = within(await screen.findByRole("complementary", { name: "About this photo" }));
  const places = () => document.querySelectorAll(".written-places polygon");
  const written = within(side.getByRole("region", { name: "Text in the picture" }));
  expect(written.getAllByRole("listitem").map((each) => each.textContent)).toEqual([
    "SUMMER SALE",
    "50 %",
  ]);
  expect(written.getByText(/large letters only/)).toBeVisible();
  expect(places()).toHaveLength(0);
  const mark = written.getByRole("button", { name: "Mark the places" });
  await user.click(mark);
  expect(mark).toHaveAttribute("aria-pressed", "true");
  expect(places()).toHaveLength(2);
  expect(places()[0]).toHaveAttribute("points", "0.1,0.2 0.5,0.2 0.5,0.3 0.1,0.3");
  await user.hover(written.getByRole("button", { name: "50 %" }));
  expect(places()[1]).toHaveAttribute("data-at", "true");
  await user.unhover(written.getByRole("button", { name: "50 %" }));
  await user.click(mark);
  expect(places()).toHaveLength(0);
  await user.keyboard("t");
  expect(places()).toHaveLength(2);
  expect(screen.getByText("Text in the picture:").parentElement).toHaveTextContent("SUMMER SALE");
});

it("says nothing of text where none was read", async () => {
  openPage("/?photo=a");
  const side = within(await screen.findByRole("complementary", { name: "About this photo" }));
  expect(side.queryByRole("region")).toBeNull();
});

function keepingClicks(): Gateway {
  const gateway = new Gateway();
  gateway.on("GET /api/stats", () => ({ ...STATS, clicks: true }));
  gateway.on("POST /api/clicks", () => new Response(null, { status: 204 }));
  return gateway;
}
