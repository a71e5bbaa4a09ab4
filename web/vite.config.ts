import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { FILTER_FIELDS } from "./fields.ts";

export default defineConfig({
  plugins: [react()],
  define: { FILTER_FIELDS: JSON.stringify(FILTER_FIELDS) },
  build: {
    target: "es2022",
    // The policy of the page allows no data: fonts or scripts, so nothing is inlined.
    assetsInlineLimit: 0,
  },
  // `npm run dev` shows the page over a gateway that runs on this machine.
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
  test: {
    projects: [
      { extends: true, test: { name: "logic", include: ["tests/*.test.ts"], isolate: false } },
      {
        extends: true,
        test: {
          name: "page",
          include: ["tests/page/*.test.tsx"],
          environment: "happy-dom",
          // One document for all of them, which each test leaves empty: a third of the time.
          isolate: false,
          setupFiles: "tests/page/setup.ts",
          testTimeout: 30_000,
        },
      },
    ],
  },
});
