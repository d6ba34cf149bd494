import { signal } from "@preact/signals";

/** The path shown. Pages change it with `go`; the browser's buttons change it too. */
export const path = signal(location.pathname + location.search);

addEventListener("popstate", () => {
  path.value = location.pathname + location.search;
});

export function go(to: string, options: { replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  path.value = to;
}
