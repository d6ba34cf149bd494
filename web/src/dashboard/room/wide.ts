import { signal, type ReadonlySignal } from "@preact/signals";

/** As in room.css: from here on two columns that scroll by themselves. */
export const isWide = matching("(min-width: 62rem)", true);

/** As in room.css: from here on signs and rhythms stand side by side, and the markers below them, never scrolled. */
export const isDesk = matching("(min-width: 70rem) and (min-height: 38rem)", false);

function matching(media: string, otherwise: boolean): ReadonlySignal<boolean> {
  const query = typeof matchMedia === "undefined" ? null : matchMedia(media);
  const is = signal(query?.matches ?? otherwise);
  query?.addEventListener("change", (event) => {
    is.value = event.matches;
  });
  return is;
}
