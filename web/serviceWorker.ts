import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import type { Plugin } from "vite";
import { pagePatterns } from "./src/app/pages";

/** Writes sw.js beside the pages, with the names of everything that was built and a version made of them. */
export function serviceWorker(source: string, publicFolder: string): Plugin {
  return {
    name: "shiller-service-worker",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      const built = Object.keys(bundle)
        .filter((name) => name !== "index.html" && !name.startsWith(".vite/"))
        .map((name) => `/${name}`);
      const files = ["/index.html", ...built, ...readdirSync(publicFolder).map((name) => `/${name}`)].sort();
      const text = readFileSync(source, "utf8");
      const version = createHash("sha256");
      for (const file of files) version.update(file);
      // The one built file whose name says nothing of what is in it.
      const page = bundle["index.html"];
      if (page?.type !== "asset") throw new Error("There is no index.html to serve.");
      version.update(page.source);
      for (const name of readdirSync(publicFolder)) version.update(readFileSync(`${publicFolder}/${name}`));
      version.update(text).update(pagePatterns().join());
      this.emitFile({
        type: "asset",
        fileName: "sw.js",
        source: text
          .replace("__VERSION__", version.digest("hex").slice(0, 12))
          .replace("__FILES__", () => JSON.stringify(files))
          .replace("__PAGES__", () => JSON.stringify(pagePatterns())),
      });
    },
  };
}
