/** How rooms are laid out: all in sight if they can be read so, else as many rows as it takes. */
export interface Grid {
  columns: number;
  /** CSS pixels. */
  rowHeight: number;
}

/** CSS pixels: below that nobody reads a room. */
const NARROWEST = 270;
const LOWEST = 176;
const HIGHEST = 340;
/** What a room looks best at. */
const WIDE = 1.55;

/** `count` rooms on an area of so many CSS pixels, `gap` between them. */
export function gridOf(count: number, width: number, height: number, gap: number): Grid {
  const fitting = fitted(count, width, height, gap);
  if (fitting !== null) return fitting;
  const columns = Math.max(1, Math.floor((width + gap) / (NARROWEST + gap)));
  const each = (width - gap * (columns - 1)) / columns;
  return { columns, rowHeight: Math.round(Math.min(HIGHEST, Math.max(LOWEST, each / WIDE))) };
}

/** The largest rooms that leave none out of sight; null if they would be too small. */
function fitted(count: number, width: number, height: number, gap: number): Grid | null {
  let best: (Grid & { size: number }) | null = null;
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.max(1, Math.ceil(count / columns));
    const [wide, high] = [(width - gap * (columns - 1)) / columns, (height - gap * (rows - 1)) / rows];
    const size = Math.min(wide / WIDE, high);
    if (wide < NARROWEST || high < LOWEST || size <= (best?.size ?? 0)) continue;
    best = { columns, rowHeight: Math.floor(high), size };
  }
  return best === null ? null : { columns: best.columns, rowHeight: best.rowHeight };
}

/** Where an arrow leads among `count` rooms; null: this key leads nowhere. */
export function placeAfter(key: string, place: number, count: number, columns: number): number | null {
  const to = { ArrowRight: place + 1, ArrowLeft: place - 1, ArrowDown: place + columns, ArrowUp: place - columns }[key];
  if (to !== undefined) return to >= 0 && to < count ? to : null;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : null;
}
