import { expect, it } from "vitest";
import { problemOf } from "../src/api/problem";
import {
  addedText,
  bytesText,
  nameOf,
  photosText,
  placeText,
  sizeText,
  takenText,
  weightText,
} from "../src/shared/format";

it("says numbers, sizes and dates", () => {
  expect(photosText(1)).toBe("1 photo");
  expect(photosText(12345)).toBe("12,345 photos");
  expect(sizeText({ width: 6000, height: 4000 })).toBe("6000 × 4000 px · 24 MP");
  expect(bytesText(12)).toBe("1 kB");
  expect(bytesText(3_400_000)).toBe("3.4 MB");
  expect(weightText(-0.5)).toBe("−0.5");
  expect(takenText("2024-05-01T12:30:00")).toMatch(/^May 1, 2024.*12:30/);
  expect(takenText("once")).toBe("once");
  expect(addedText("2024-05-01T12:30:00.000250+00:00")).toMatch(/2024/);
  expect(addedText("never")).toBe("");
  expect([1, 2, 3, 11, 21, 112, 1103].map(placeText)).toEqual([
    "Best of all",
    "2nd best",
    "3rd best",
    "11th best",
    "21st best",
    "112th best",
    "1,103rd best",
  ]);
});

it("names a photo by its caption, its file or its id", () => {
  expect(nameOf({ caption: "A dog", uri: "/x/y.jpg", id: "1" })).toBe("A dog");
  expect(nameOf({ caption: "", uri: "s3://b/my%20dog.jpg?v=2", id: "1" })).toBe("my dog.jpg");
  expect(nameOf({ caption: "", uri: "100%.jpg", id: "1" })).toBe("100%.jpg");
  expect(nameOf({ caption: "", uri: "C:\\Bilder\\rot #1.jpg", id: "1" })).toBe("rot #1.jpg");
  expect(nameOf({ caption: "", uri: "\\\\server\\share\\x.jpg", id: "1" })).toBe("x.jpg");
  expect(nameOf({ caption: "", uri: "", id: "1" })).toBe("1");
});

it("reads problem documents, and answers that are none", () => {
  const known = problemOf(409, '{"title":"Conflict","detail":"It is there.","id":"x"}');
  expect([known.message, known.document.id, known.unavailable]).toEqual([
    "It is there.",
    "x",
    false,
  ]);
  expect(problemOf(502, "<html>").unavailable).toBe(true);
  expect(problemOf(413, "").message).toMatch(/larger/);
  expect(problemOf(429, "[]").message).toMatch(/Wait/);
});
