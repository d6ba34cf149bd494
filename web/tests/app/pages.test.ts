import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isNowhere, pageAt, pagePatterns, pathTo, type Page } from "../../src/app/pages";
import { PAGES } from "../../src/generated/catalogue";

const PAGES_THAT_ARE: Page[] = [
  { name: "home" },
  { name: "join", code: "K7M2QX" },
  { name: "assignment", token: "Zk3_x-9" },
  { name: "shared", token: "Zk3_x-9" },
  { name: "monitor" },
  { name: "sessions" },
  { name: "wall" },
  { name: "templates" },
  { name: "recorded" },
  { name: "new_template" },
  { name: "template", template_id: "7f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b" },
  { name: "comparison", template_id: "7f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b" },
  { name: "homework" },
  { name: "conflicts" },
  { name: "devices" },
  { name: "halls" },
  { name: "outbox" },
  { name: "school" },
  { name: "me" },
  { name: "audit" },
  { name: "invitation", token: "Zk3_x-9" },
  { name: "first", token: "Zk3_x-9" },
  { name: "room", session_id: "3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b" },
  { name: "debrief", session_id: "3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b" },
];

const pathOf = ({ name, ...places }: Page) => (pathTo as (name: string, places: object) => string)(name, places);
const isPage = (path: string) => pagePatterns().some((pattern) => new RegExp(pattern).test(path));

describe("the pages", () => {
  it("are all looked at here", () => {
    expect(PAGES_THAT_ARE.map(({ name }) => name)).toEqual(Object.keys(PAGES));
  });

  it.each(PAGES_THAT_ARE)("are found at the address that leads to them: $name", (page) => {
    expect(pageAt(pathOf(page))).toEqual(page);
    expect(pageAt(`${pathOf(page)}?a=b#c`)).toEqual(page);
    expect(isPage(pathOf(page))).toBe(true);
  });

  it("are known from what is no address", () => {
    expect(["/trainer", "/j", "/x/y?z"].filter(isNowhere)).toEqual(["/trainer", "/j", "/x/y?z"]);
    expect(["/", "/?lang=fr", "/index.html", "/j/K7M2QX", "/dashboard/none"].filter(isNowhere)).toEqual([]);
  });

  it("take a slash at the end, an escaped place and a broken one", () => {
    expect(pageAt("/dashboard/outbox/")).toEqual({ name: "outbox" });
    expect(pathTo("join", { code: "a/b c" })).toBe("/j/a%2Fb%20c");
    expect(pageAt("/j/a%2Fb%20c")).toEqual({ name: "join", code: "a/b c" });
    expect(pageAt("/j/%E0%A4%A")).toEqual({ name: "join", code: "%E0%A4%A" });
  });

  it("are the first of their part where nothing else is known", () => {
    expect(pageAt("/dashboard/nothing/like/it")).toEqual({ name: "sessions" });
    expect(pageAt("/dashboards")).toEqual({ name: "home" });
    expect(pageAt("/nothing")).toEqual({ name: "home" });
  });
});

describe("the service worker", () => {
  it("answers pages, and nothing else of the server's", () => {
    for (const path of ["/dashboard/", "/dashboard/not/yet/known"]) expect(isPage(path)).toBe(true);
    for (const path of ["/metrics", "/healthz", "/api/v1/me", "/dashboards", "/j/", "/monitor.js"])
      expect(isPage(path)).toBe(false);
  });
});

it("the installed app opens a page", () => {
  const manifest = JSON.parse(readFileSync("public/manifest.webmanifest", "utf8")) as { start_url: string };
  expect(manifest.start_url).toBe(PAGES.sessions);
});
