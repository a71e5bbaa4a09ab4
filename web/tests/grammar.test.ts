import { describe, expect, it } from "vitest";
import cases from "../../tests/queries.json";
import { fitWeight, MAX_PARTS, parseQuery, printQuery, weightBeyond } from "../src/query/grammar";

describe("queries", () => {
  // tests/unit/test_page_agreement.py reads the same file: the gateway must understand them alike.
  it.each(cases)("$text", ({ text, parts, written }) => {
    const read = parseQuery(text);
    expect(read.map(({ kind, value, weight }) => [kind, value, weight])).toEqual(parts);
    expect(printQuery(read)).toBe(written);
    expect(parseQuery(written)).toEqual(read);
  });

  it("takes what is half typed as far as it goes", () => {
    expect(parseQuery("red car + ")).toEqual(parseQuery("red car"));
    expect(parseQuery('sea - "')).toEqual([
      { kind: "text", value: "sea", weight: 1 },
      { kind: "text", value: '"', weight: -1 },
    ]);
    expect(parseQuery(" + ")).toEqual([]);
    expect(parseQuery("99:fog")).toEqual([{ kind: "text", value: "fog", weight: 10 }]);
    expect(parseQuery("0:fog")).toEqual([{ kind: "text", value: "fog", weight: 1 }]);
  });

  it("tells of a weight that counts for less than it is", () => {
    expect(weightBeyond("car + 20:fog - 30:night")).toBe("20");
    expect(weightBeyond("car - 10.5:night")).toBe("10.5");
    expect(weightBeyond('10:fog + "20:fog" + at 20:30')).toBe("");
  });

  it("leaves out what is too much", () => {
    expect(parseQuery(Array(40).fill("a").join(" + "))).toHaveLength(MAX_PARTS);
  });

  it("quotes what the command line would take for a picture", () => {
    const path = [{ kind: "text", value: "./pool.jpg", weight: 1 }] as const;
    expect(printQuery(path)).toBe('"./pool.jpg"');
    for (const value of ["C:\\pool.jpg", "c:/pool.jpg", ".\\pool.jpg", "\\\\server\\x.jpg"]) {
      const printed = printQuery([{ kind: "text", value, weight: 1 }]);
      expect(printed).toBe(JSON.stringify(value));
    }
  });

  it("reads back any text that it writes", () => {
    for (const value of ["a + b", "- a", "2:a", "id:a", 'a "b', "\\", "vector:x", "a\\ + b"]) {
      const parts = [{ kind: "text", value, weight: 1 }] as const;
      expect(parseQuery(printQuery(parts))).toEqual(parts);
    }
  });
});

describe("weights", () => {
  it("fit the limits and are never 0", () => {
    expect(fitWeight(0)).toBe(0.1);
    expect(fitWeight(-0.04)).toBe(0.1);
    expect(fitWeight(-1.26)).toBe(-1.3);
    expect(fitWeight(99)).toBe(10);
    expect(fitWeight(-99)).toBe(-10);
    expect(fitWeight(Number.NaN)).toBe(1);
  });
});
