import { PAGES } from "../generated/catalogue";

/** The pages and their addresses: the server's own table. `/j/{code}` has one place, `code`. */

export type PageName = keyof typeof PAGES;
type PlaceIn<Path extends string> = Path extends `${string}{${infer Place}}${infer Rest}` ? Place | PlaceIn<Rest> : never;
type Places<Name extends PageName> = { [Place in PlaceIn<(typeof PAGES)[Name]>]: string };
type Filling<Name extends PageName> = keyof Places<Name> extends never ? [] : [places: Places<Name>];

/** A page with what stands in the places of its address: `{ name: "room", session_id: "…" }`. */
export type Page = { [Name in PageName]: { name: Name } & Places<Name> }[PageName];

const PLACE = /\{(\w+)\}/g;
const NAMES = Object.keys(PAGES) as PageName[];
const PATTERNS = NAMES.map((name) => [name, new RegExp(patternOf(PAGES[name]))] as const);

export function pathTo<Name extends PageName>(name: Name, ...[places]: Filling<Name>): string {
  const values: Record<string, string> = places ?? {};
  return PAGES[name].replace(PLACE, (_, place: string) => encodeURIComponent(values[place] ?? ""));
}

/** What is unknown is the first page of the dashboard, or the page to join. */
export function pageAt(path: string): Page {
  const plain = plainPath(path);
  for (const [name, pattern] of PATTERNS) {
    const found = pattern.exec(plain);
    if (found !== null) return { name, ...decoded(found.groups ?? {}) } as Page;
  }
  return plain.startsWith(`${PAGES.sessions}/`) ? { name: "sessions" } : { name: "home" };
}

/** Nothing is at this address: the page to join stands in. */
export function isNowhere(path: string): boolean {
  return pageAt(path).name === "home" && !["/", "/index.html"].includes(plainPath(path));
}

/** Regular expressions of every address that is a page, for the service worker: it imports nothing. */
export function pagePatterns(): string[] {
  return [...NAMES.map((name) => patternOf(PAGES[name])), `^${PAGES.sessions}/`];
}

function plainPath(path: string): string {
  return (path.split(/[?#]/)[0] ?? "").replace(/\/+$/, "") || "/";
}

function patternOf(path: string): string {
  return `^${path.replace(PLACE, "(?<$1>[^/]+)")}$`;
}

/** A link that somebody mistyped leads to a wrong code, not to a broken page. */
function decoded(places: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(places).map(([place, value]) => {
      try {
        return [place, decodeURIComponent(value)];
      } catch {
        return [place, value];
      }
    }),
  );
}
