import { expect, it } from "vitest";
import { failedFirst, nextUploads, outcomeText, type Upload } from "../src/upload/uploads";

const file = (name: string, size = 3) => new File(["x".repeat(size)], name, { lastModified: 1 });

it("takes each file once, with keys of its own", () => {
  const first = nextUploads([], { type: "add", files: [file("a.jpg"), file("b.jpg")] });
  const next = nextUploads(first, { type: "add", files: [file("b.jpg"), file("b.jpg", 9)] });
  expect(next.map((one) => [one.key, one.file.name, one.state])).toEqual([
    [0, "a.jpg", "waiting"],
    [1, "b.jpg", "waiting"],
    [2, "b.jpg", "waiting"],
  ]);
});

it("changes and drops one and leaves the others alone", () => {
  const two = nextUploads([], { type: "add", files: [file("a.jpg"), file("b.jpg")] });
  const next: Partial<Upload> = { state: "sending", sent: 0.5 };
  const sent = nextUploads(two, { type: "change", key: 1, next });
  expect(sent.map(({ state, sent: part }) => [state, part])).toEqual([
    ["waiting", 0],
    ["sending", 0.5],
  ]);
  expect(nextUploads(sent, { type: "remove", key: 0 }).map(({ key }) => key)).toEqual([1]);
});

it("tells what became of files, those that failed first", () => {
  const files = [1, 2, 3, 4].map((number) => file(`${number}.jpg`));
  const states: Upload["state"][] = ["added", "added", "failed", "known"];
  const uploads = nextUploads([], { type: "add", files }).map(
    (one, index): Upload => ({ ...one, state: states[index] ?? "waiting" }),
  );
  expect(outcomeText(uploads)).toBe("2 added, 1 was there already, 1 could not be added");
  expect(outcomeText([])).toBe("");
  expect(failedFirst(uploads).map(({ key }) => key)).toEqual([2, 0, 1, 3]);
});
