import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The tests of the local database as a page: `npm run contract -- --outDir …`. */
export default defineConfig({
  root: here("."),
  resolve: {
    alias: {
      vitest: here("./vitest.ts"),
      // Here it is the browser's own.
      "fake-indexeddb/auto": here("./nothing.ts"),
    },
  },
  // A random day takes seconds on a disk: one with Web Locks, one without.
  define: { "process.env": { SCHEDULES: "2" } },
  build: { target: "es2022", emptyOutDir: true, minify: false },
});
