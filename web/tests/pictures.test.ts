import { expect, it } from "vitest";
import { nameOf } from "../src/shared/format";
import { leftOutText, mayBePicture } from "../src/upload/pictures";

it.each([
  ["photo.JPG", "image/jpeg", true],
  ["drawing.svg", "image/svg+xml", true], // the gateway says why it does not take it
  ["phone.HEIC", "", true],
  ["camera.cr2", "", true],
  ["camera.dng", "application/octet-stream", true],
  ["without an ending", "", true],
  ["notes.txt", "text/plain", false],
  ["notes", "text/plain", false],
  ["film.mp4", "video/mp4", false],
  ["contract.pdf", "application/pdf", false],
  ["Thumbs.db", "", false],
  [".DS_Store", "", false],
  ["._photo.jpg", "image/jpeg", false],
])("knows whether %s (%s) may be a picture: %s", (name, type, may) => {
  expect(mayBePicture({ name, type })).toBe(may);
});

it("says what is left out, and names three at most", () => {
  expect(leftOutText([])).toBe("");
  expect(leftOutText(["a.txt"])).toBe("a.txt is left out: by its name it is no picture.");
  const two = "2 files are left out, since by their names they are no pictures: a.txt and b.txt.";
  expect(leftOutText(["a.txt", "b.txt"])).toBe(two);
  expect(leftOutText(["a", "b", "c"])).toMatch(/: a, b and c\.$/);
  expect(leftOutText(["a", "b", "c", "d", "e"])).toMatch(/^5 files .*: a, b, c and 2 more\.$/);
});

it("takes a caption that nobody can see for none", () => {
  const photo = { id: "7", uri: "/photos/boat.jpg", caption: "\u200b \ufeff" };
  expect(nameOf(photo)).toBe("boat.jpg");
  expect(nameOf({ ...photo, caption: "\u200bA boat" })).toBe("\u200bA boat");
});
