import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { serviceWorker } from "./serviceWorker";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = process.env["SHILLER_URL"] ?? "http://127.0.0.1:8000";

// One page for everybody; the dashboard, its chart and its database are chunks that a trainee never loads.
export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [serviceWorker(here("./src/app/sw.js"), here("./public"))],
  build: {
    outDir: "../server/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    sourcemap: false,
    manifest: true,
  },
  server: {
    proxy: {
      // The page's own host is kept: the server compares it with Origin.
      "/api": { target: server, changeOrigin: false },
      "/socket.io": { target: server, ws: true, changeOrigin: false },
    },
  },
  test: {
    include: ["tests/**/*.test.{ts,tsx}"],
    environment: "node",
    // Many of them wait: for a server, a timer, a socket. One for each core leaves the cores idle.
    pool: "threads",
    maxWorkers: 3,
    // Ceilings, not waits: a busy machine is slow at times, and a test that fails there alone says nothing.
    // The waits inside of them end sooner and say for what (tests/until.ts).
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 100_000 } },
  },
});
