import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseSync } from "vite";

/** The house itself: read from the sources with the parser that builds them. */
const SRC = fileURLToPath(new URL("../src", import.meta.url));

interface Source {
  path: string;
  text: string;
  /** Files of src that it imports, types and lazy ones included. */
  imports: string[];
  /** Those that come with it: neither types nor what is loaded later. */
  needs: string[];
  /** Those that it may load later. */
  later: string[];
  /** What it defines and exports; what it passes on from another file is not its own. */
  exports: { name: string; line: number }[];
}

const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => read(normalize(path)));

describe("web/src", () => {
  it("is read at all", () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.flatMap((source) => source.exports).length).toBeGreaterThan(300);
    expect(sources.flatMap((source) => source.imports).length).toBeGreaterThan(400);
  });

  it("has no two exports of one name", () => {
    expect(namesUsedTwice(sources)).toEqual([]);
  });

  it("has no class that two pages style: both sheets may be loaded, and either would meet the other's parts", () => {
    expect(classesOfTwoPages()).toEqual([]);
  });

  it("has no circle among its files", () => {
    expect(circles(new Map(sources.map(({ path, imports }) => [path, imports])))).toEqual([]);
  });

  it("touches neither the page nor the window in device/", () => {
    const found = sources
      .filter(({ path }) => path.startsWith("device/"))
      .flatMap(({ path, text }) =>
        [...code(text).matchAll(/\b(document|window|navigator|location|addEventListener)\b/g)].map(
          ([, word]) => `${path}: ${word}`,
        ),
      );
    expect(found).toEqual([]);
  });

  it("hands files over in one place: a link alone fails where the browser keeps no cookie", () => {
    const found = sources.filter(({ text }) => /createObjectURL|\.download = |^\s*download$|<a [^>]*\bdownload\b/m.test(code(text)));
    expect(found.map(({ path }) => path).sort()).toEqual(["dashboard/download/Download.tsx", "dashboard/download/handOver.ts"]);
  });

  it("names what a browser keeps in one place: where site data is blocked, naming it throws", () => {
    const found = sources.filter(({ text }) => /\b(localStorage|sessionStorage)\b/.test(code(text)));
    expect(found.map(({ path }) => path)).toEqual(["app/siteData.ts"]);
  });

  it("says nothing that Safari of 2022 does not understand: one such word, and the page or its chunk is not there", () => {
    const newer = /\(\?<[=!]|\.(toReversed|toSorted|toSpliced|withResolvers|groupBy)\(|AbortSignal\.(timeout|any)/g;
    expect(sources.flatMap(({ path, text }) => [...code(text).matchAll(newer)].map(([word]) => `${path}: ${word}`))).toEqual([]);
  });

  it("recognises nothing by its words: no text of the catalogues, no title and no note is compared", () => {
    const compared = /(\.(text|title|note|label)|\b(text|note|label))\s*[!=]==(?!\s*(null\b|undefined\b|""))/g;
    const found = sources
      .filter(({ path }) => /^(dashboard|device)\//.test(path))
      .flatMap(({ path, text }) => [...code(text).matchAll(compared)].map(([words]) => `${path}: ${words}`));
    // Of old records, whose notes repeat the name of their marker: it is said once, and known by its key.
    expect(found).toEqual(["dashboard/words.ts: text ==="]);
  });

  it("has both languages at once nowhere but where one is chosen", () => {
    const catalogues = ["i18n/en.ts", "i18n/fr.ts", "i18n/en/trainees.ts", "i18n/fr/trainees.ts"];
    const both = sources.filter(({ imports }) => catalogues.some((one) => imports.includes(one)));
    expect(both.map(({ path }) => path).filter((path) => !path.startsWith("i18n/"))).toEqual([]);
  });

  it("gives a trainee's tablet nothing of the dashboard: no page, and no text", () => {
    const loaded = loadedFrom("main.tsx", (path) => !path.startsWith("dashboard/"));
    expect(loaded).toContain("monitor/MonitorScreen.tsx");
    expect(loaded).toContain("join/words/OwnWords.tsx");
    expect(loaded.filter((path) => path.startsWith("dashboard/"))).toEqual([]);
    const parts = ["common", "homework", "join", "joinKeeping", "monitor", "trainees", "words"];
    expect(loaded.filter((path) => path.startsWith("i18n/")).toSorted()).toEqual(
      [
        ...["en", "fr"].flatMap((language) => parts.map((part) => `i18n/${language}/${part}.ts`)),
        "i18n/index.ts",
        "i18n/numbers.ts",
      ].toSorted(),
    );
    expect(loadedFrom("main.tsx", () => true)).toContain("i18n/en/room.ts");
  });

  it("imports nothing of the screens in wire/, patient/ and device/", () => {
    const below = ["wire/", "patient/", "device/", "generated/"];
    const isBelow = (path: string) => below.some((folder) => path.startsWith(folder));
    const upward = sources
      .filter(({ path }) => isBelow(path))
      .flatMap(({ path, imports }) => imports.filter((one) => !isBelow(one)).map((one) => `${path} -> ${one}`));
    expect(upward).toEqual([]);
  });
});

describe("the finding itself", () => {
  it("names both places of a name that is used twice", () => {
    const none = { imports: [], needs: [], later: [] };
    const one = (path: string, line: number): Source => ({ path, text: "", ...none, exports: [{ name: "Line", line }] });
    expect(namesUsedTwice([one("a.ts", 3), one("b.ts", 7)])).toEqual(["Line: a.ts:3, b.ts:7"]);
  });

  it("names every file of a circle", () => {
    const imports = new Map([["a", ["b"]], ["b", ["c"]], ["c", ["b"]], ["d", ["a"]]]);
    expect(circles(imports)).toEqual(["b -> c -> b"]);
  });

  it("knows every form of an export, and what is only passed on", () => {
    const text = [
      "export const a = 1, b = 2;",
      "export async function c() {}",
      "export class D {}",
      "export interface E {}",
      "export type F = 1;",
      "const g = 1; export { g };",
      "export { h } from './h';",
      "export default 1;",
      "export const { i, j: [k] } = {};",
    ].join("\n");
    expect(exportsOf("x.ts", text).map(({ name }) => name)).toEqual(["a", "b", "c", "D", "E", "F", "g", "i", "k"]);
  });
});

function read(path: string): Source {
  const text = readFileSync(join(SRC, path), "utf8");
  return { path, text, ...importsOf(path, text), exports: exportsOf(path, text) };
}

function importsOf(path: string, text: string): Pick<Source, "imports" | "needs" | "later"> {
  const module = parseSync(path, text).module;
  const files = (names: readonly string[]) => [
    ...new Set(names.filter((name) => name.startsWith(".")).flatMap((name) => fileOf(path, name))),
  ];
  const passedOn = module.staticExports.flatMap((one) => one.entries.filter((entry) => entry.moduleRequest !== null));
  const isNeeded = (entries: readonly { isType: boolean }[]) =>
    entries.length === 0 || entries.some(({ isType }) => !isType);
  const needs = files([
    ...module.staticImports.filter((one) => isNeeded(one.entries)).map((one) => one.moduleRequest.value),
    ...passedOn.filter(({ isType }) => !isType).map((one) => one.moduleRequest!.value),
  ]);
  const later = files(
    module.dynamicImports.map((one) => text.slice(one.moduleRequest.start + 1, one.moduleRequest.end - 1)),
  );
  const types = files([
    ...module.staticImports.map((one) => one.moduleRequest.value),
    ...passedOn.map((one) => one.moduleRequest!.value),
  ]);
  return { imports: [...new Set([...types, ...later])], needs, later };
}

/** Every file that may come to a device that begins with `start`, and loads later only what `mayLoad` lets it. */
function loadedFrom(start: string, mayLoad: (path: string) => boolean): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const loaded = new Set([start]);
  // A set goes on with what is added to it meanwhile.
  for (const path of loaded) {
    const { needs = [], later = [] } = byPath.get(path) ?? {};
    for (const one of [...needs, ...later.filter(mayLoad)]) loaded.add(one);
  }
  return [...loaded];
}

function fileOf(path: string, name: string): string[] {
  const bare = normalize(join(dirname(path), name));
  const found = [`${bare}.ts`, `${bare}.tsx`, join(bare, "index.ts"), bare].find((one) => existsSync(join(SRC, one)));
  if (found === undefined) throw new Error(`${path} imports ${name}, which is not there`);
  return /\.tsx?$/.test(found) ? [normalize(found)] : [];
}

interface Node {
  type: string;
  start: number;
  [field: string]: unknown;
}

function exportsOf(path: string, text: string): Source["exports"] {
  const line = (at: number) => text.slice(0, at).split("\n").length;
  const program = parseSync(path, text).program as unknown as { body: Node[] };
  return program.body
    .filter((node) => node.type === "ExportNamedDeclaration" && node["source"] === null)
    .flatMap((node) => namesOf(node).map((name) => ({ name, line: line(node.start) })));
}

function namesOf(node: Node): string[] {
  const declared = node["declaration"] as Node | null;
  if (declared === null) return (node["specifiers"] as { exported: { name: string } }[]).map((one) => one.exported.name);
  if (declared.type !== "VariableDeclaration") return bound(declared["id"] as Node);
  return (declared["declarations"] as { id: Node }[]).flatMap((one) => bound(one.id));
}

/** The names that a pattern binds. */
function bound(pattern: Node | null): string[] {
  if (pattern === null) return [];
  if (pattern.type === "Identifier") return [String(pattern["name"])];
  const parts = (pattern["properties"] ?? pattern["elements"] ?? []) as (Node | null)[];
  return parts.flatMap((part) => bound(((part?.["value"] ?? part?.["argument"]) as Node | undefined) ?? part));
}

function namesUsedTwice(all: readonly Source[]): string[] {
  const places = new Map<string, string[]>();
  for (const { path, exports } of all)
    for (const { name, line } of exports) places.set(name, [...(places.get(name) ?? []), `${path}:${line}`]);
  return [...places].filter(([, found]) => found.length > 1).map(([name, found]) => `${name}: ${found.join(", ")}`);
}

/** One way round for every file that can be reached from itself, each circle told once. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Map<string, string>();
  for (const start of imports.keys()) {
    const way = wayBack(start, imports);
    if (way === null) continue;
    const key = [...way].sort().join();
    if (!found.has(key)) found.set(key, [...way, start].join(" -> "));
  }
  return [...found.values()];
}

function wayBack(start: string, imports: ReadonlyMap<string, readonly string[]>): string[] | null {
  const cameFrom = new Map<string, string>();
  const next = [start];
  for (let file = next.shift(); file !== undefined; file = next.shift())
    for (const imported of imports.get(file) ?? []) {
      if (imported === start) return wayTo(file, start, cameFrom);
      if (cameFrom.has(imported)) continue;
      cameFrom.set(imported, file);
      next.push(imported);
    }
  return null;
}

function wayTo(last: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [last];
  while (way[0] !== start) way.unshift(cameFrom.get(way[0]!)!);
  return way;
}

/** Without comments and texts. */
function code(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\/\/.*$/gm, "")
    .replace(/"[^"\n]*"/g, '""');
}

/** A class by itself at the beginning of a rule is its page's own; the shell's are for all. */
function classesOfTwoPages(): string[] {
  const owners = new Map<string, Set<string>>();
  for (const path of readdirSync(SRC, { recursive: true, encoding: "utf8" })) {
    const [top = "", page = ""] = normalize(path).split("/");
    if (!path.endsWith(".css") || page === "shell") continue;
    const rules = readFileSync(join(SRC, path), "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
    for (const [, name = ""] of rules.matchAll(/^\s*\.([a-z0-9-]+)\s*[,{]?\s*$/gm)) {
      const owner = top === "dashboard" ? `${top}/${page}` : top;
      owners.set(name, (owners.get(name) ?? new Set()).add(owner));
    }
  }
  return [...owners].filter(([, pages]) => pages.size > 1).map(([name, pages]) => `.${name}: ${[...pages].join(", ")}`);
}
