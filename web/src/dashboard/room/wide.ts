import { signal, type ReadonlySignal } from "@preact/signals";

/** As in room.css: from here on two columns that scroll by themselves. */
const query = typeof matchMedia === "undefined" ? null : matchMedia("(min-width: 62rem)");
const wide = signal(query?.matches ?? true);
query?.addEventListener("change", (event) => {
  wide.value = event.matches;
});

export const isWide: ReadonlySignal<boolean> = wide;
