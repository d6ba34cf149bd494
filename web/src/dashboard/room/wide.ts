import { signal, type ReadonlySignal } from "@preact/signals";

/** As in room.css: from here on two columns that scroll by themselves. */
export const isWide = matching("(min-width: 62rem)", true);

/** As in room.css: from here on signs and rhythms stand side by side, and the markers below them, never scrolled. */
export const isDesk = matching("(min-width: 70rem) and (min-height: 38rem)", false);

/** Of the screen: the paper that is narrow while somebody prints moves nothing on the page behind it. */
function matching(media: string, otherwise: boolean): ReadonlySignal<boolean> {
  const query = typeof matchMedia === "undefined" ? null : matchMedia(`screen and ${media}`);
  const paper = typeof matchMedia === "undefined" ? null : matchMedia("print");
  const is = signal(query?.matches ?? otherwise);
  const look = () => {
    if (query !== null && paper?.matches !== true) is.value = query.matches;
  };
  query?.addEventListener("change", look);
  paper?.addEventListener("change", look);
  return is;
}
