import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Lanes on a browser's own canvas, as a page: `npm run lanes -- --outDir …`. */
export default defineConfig({
  root: here("."),
  build: { target: "es2022", emptyOutDir: true, minify: false },
});
