import { screen, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { answerWith, Gateway, hit, photo, problem } from "./gateway";
import { address, openPage } from "./open";

it("shows what is wrong with a search in the gateway's own sentence", async () => {
  const gateway = new Gateway();
  const sentence = 'The filter "wide" has no operator. Write width >= 2000.';
  gateway.on("POST /api/search", () => problem(422, sentence));
  const { user } = openPage("/?where=wide", gateway);
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("This search did not work");
  expect(alert).toHaveTextContent(sentence);

  gateway.on("POST /api/search", () => answerWith([hit("a")]));
  await user.click(screen.getByRole("button", { name: "Show all photos" }));
  expect(await screen.findByRole("img", { name: "Photo a" })).toBeVisible();
  expect(address()).toEqual({});
});

it("says that nobody answers, and tries again by itself", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const gateway = new Gateway();
  gateway.on("POST /api/search", () => {
    throw new TypeError("Failed to fetch");
  });
  openPage("/", gateway);
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("The search service is not available");
  expect(alert).toHaveTextContent("The gateway does not answer.");

  gateway.on("POST /api/search", () => answerWith([hit("a")]));
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await screen.findByRole("img", { name: "Photo a" })).toBeVisible();
});

it("shows a photo of the grid while nobody answers", async () => {
  const gateway = new Gateway();
  const { user } = openPage("/", gateway);
  const tile = await screen.findByRole("link", { name: "Photo b" });
  const away = vi.fn(() => {
    throw new TypeError("Failed to fetch");
  });
  gateway.on("GET /api/photos/b", away);
  await user.click(tile);
  await waitFor(() => expect(away).toHaveBeenCalledTimes(2), { timeout: 5_000 });
  expect(await screen.findByRole("dialog", { name: "Photo b" })).toBeVisible();
  expect(screen.queryByText("The gateway does not answer.")).toBeNull();
});

it("shows a photo by its address as soon as somebody answers", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const gateway = new Gateway();
  gateway.on("GET /api/photos/z", () => {
    throw new TypeError("Failed to fetch");
  });
  gateway.on("GET /api/photos/z/similar", () => answerWith([]));
  openPage("/?photo=z", gateway);
  expect(await screen.findByText("The gateway does not answer.")).toBeVisible();
  gateway.on("GET /api/photos/z", () => photo("z"));
  await vi.advanceTimersByTimeAsync(3_500);
  expect(await screen.findByRole("dialog", { name: "Photo z" })).toBeVisible();
});

it("asks for the key that the gateway needs, and goes on with it", async () => {
  const gateway = new Gateway();
  gateway.on("POST /api/search", ({ authorization }) =>
    authorization === "Bearer right" ? answerWith([hit("a")]) : problem(401, "A key is needed."),
  );
  gateway.on("POST /api/session", ({ body }) =>
    (body as { key: string }).key === "right"
      ? new Response(null, { status: 204 })
      : problem(401, "A key is needed."),
  );
  const { user } = openPage("/", gateway);
  await user.type(await screen.findByLabelText("API key"), "wrong{Enter}");
  expect(await screen.findByText("That is not the key.")).toBeVisible();
  await user.clear(screen.getByLabelText("API key"));
  await user.type(screen.getByLabelText("API key"), "right{Enter}");
  expect(await screen.findByRole("img", { name: "Photo a" })).toBeVisible();
  expect(screen.queryByLabelText("API key")).toBeNull();
});
