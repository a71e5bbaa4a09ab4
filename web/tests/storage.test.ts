import { describe, expect, it } from "vitest";
import { textStorage } from "../src/shared/storage";

function storage(room: number) {
  const texts = new Map<string, string>();
  return {
    texts,
    getItem: (name: string) => texts.get(name) ?? null,
    removeItem: (name: string) => void texts.delete(name),
    setItem(name: string, text: string) {
      if (text.length > room) throw new DOMException("full", "QuotaExceededError");
      texts.set(name, text);
    },
  };
}

describe("texts in the browser's storage", () => {
  it("are read, replaced and removed", () => {
    const browser = storage(100);
    const stored = textStorage(() => browser);
    expect(stored.get("theme")).toBeNull();
    stored.set("theme", "dark");
    stored.set("theme", "light");
    expect([stored.get("theme"), browser.texts.get("theme")]).toEqual(["light", "light"]);
    stored.set("theme", null);
    expect([stored.get("theme"), browser.texts.size]).toEqual([null, 0]);
  });

  it("last until a reload where the browser has no room for them", () => {
    const browser = storage(4);
    const stored = textStorage(() => browser);
    stored.set("key", "old");
    stored.set("key", "far too long");
    expect(stored.get("key")).toBe("far too long");
    expect(textStorage(() => browser).get("key")).toBe("old");
    stored.set("key", "new");
    expect(textStorage(() => browser).get("key")).toBe("new");
  });

  it("last until a reload where the browser allows none", () => {
    const stored = textStorage(() => {
      throw new DOMException("blocked", "SecurityError");
    });
    expect(stored.get("theme")).toBeNull();
    stored.set("theme", "dark");
    expect(stored.get("theme")).toBe("dark");
    stored.set("theme", null);
    expect(stored.get("theme")).toBeNull();
  });
});
