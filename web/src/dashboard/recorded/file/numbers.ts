/** A cell of a table: a text of a CSV, a number of a signal; null: nothing was measured. */
export type Cell = string | number | null;

/** Written by monitors where there is no value. */
const NO_VALUES: ReadonlySet<number> = new Set([-1, -100, -999, -9999, -32768, 8388607]);
const NUMBER = /^[-+]?\d{1,15}(?:[.,]\d{0,15})?(?:e[-+]?\d{1,2})?$/i;
const LONGEST = 32;

/** With a point or a comma before its decimals; null: no number, or one that means that there is none. */
export function numberIn(cell: Cell): number | null {
  const value = typeof cell === "string" ? written(cell) : cell;
  return value === null || !Number.isFinite(value) || NO_VALUES.has(value) ? null : value;
}

/** Something is written there, and it is no number: `---`, `off`, a name. */
export function isWord(cell: Cell): boolean {
  return typeof cell === "string" && cell.trim() !== "" && written(cell) === null;
}

function written(cell: string): number | null {
  if (cell.length > LONGEST) return null;
  const plain = cell.trim();
  return NUMBER.test(plain) ? Number(plain.replace(",", ".")) : null;
}
