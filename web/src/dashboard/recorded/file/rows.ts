import { unreadable, type Unreadable } from "./fault";
import { COLUMNS_LIMIT } from "./recording";

export type Separator = "," | ";" | "\t" | "|";

/** Characters of a row: what no monitor writes, and what could hold the page up. */
const ROW_LIMIT = 65_536;
const BLANKS_AT_ONCE = 1000;

/**
 * The cells of one line after the other, empty lines left out; of a thousand such lines one row without cells, so that
 * nobody waits for the end of them. Ends with what is wrong, if something is.
 */
export function* rowsOf(text: string, separator: Separator): Generator<string[], Unreadable | null> {
  const end = lineEnd(text);
  let [line, blanks] = [0, 0];
  for (let from = 0; from < text.length; ) {
    line += 1;
    const to = text.indexOf(end, from);
    const stop = to === -1 ? text.length : to;
    if (stop - from > ROW_LIMIT) return unreadable("long_line", line);
    const plain = text.slice(from, stop);
    if (!plain.includes('"')) {
      from = stop + 1;
      if (plain.trim() === "") {
        blanks += 1;
        if (blanks % BLANKS_AT_ONCE === 0) yield [];
        continue;
      }
      const cells = plain.split(separator);
      if (cells.length > COLUMNS_LIMIT) return unreadable("many_columns", line);
      yield cells.map(bare);
      continue;
    }
    const quoted = quotedRow(text, from, separator, end);
    if (quoted === null) return unreadable("open_quote", line);
    if (quoted.cells.length > COLUMNS_LIMIT) return unreadable("many_columns", line);
    line += quoted.breaks;
    from = quoted.next;
    yield quoted.cells.map(bare);
  }
  return null;
}

/** Old machines end their lines with a carriage return alone. */
function lineEnd(text: string): "\n" | "\r" {
  const head = text.slice(0, ROW_LIMIT);
  return !head.includes("\n") && head.includes("\r") ? "\r" : "\n";
}

/** Without what stands around it; WFDB's own programs put names in single quotes. */
function bare(cell: string): string {
  const trimmed = cell.trim();
  return trimmed.length > 1 && trimmed.startsWith("'") && trimmed.endsWith("'") ? trimmed.slice(1, -1).trim() : trimmed;
}

interface QuotedRow {
  cells: string[];
  next: number;
  /** Lines that end within its quotes. */
  breaks: number;
}

/** A quote opens a cell only where the cell begins; null: one that is opened is not closed within reach. */
function quotedRow(text: string, from: number, separator: Separator, end: string): QuotedRow | null {
  const cells: string[] = [];
  const limit = Math.min(text.length, from + ROW_LIMIT);
  let [cell, breaks, at] = ["", 0, from];
  for (;;) {
    if (text[at] === '"' && cell.trim() === "") {
      const close = closing(text, at + 1, limit);
      if (close === -1) return null;
      const inside = text.slice(at + 1, close);
      breaks += inside.split(end).length - 1;
      cell = inside.replaceAll('""', '"');
      at = close + 1;
    }
    while (at < limit && text[at] !== separator && text[at] !== end) cell += text[at++]!;
    cells.push(cell);
    cell = "";
    if (at >= limit) return limit === text.length ? { cells, next: text.length, breaks } : null;
    if (text[at] === end) return { cells, next: at + 1, breaks };
    at += 1;
  }
}

function closing(text: string, from: number, limit: number): number {
  for (let at = text.indexOf('"', from); at !== -1 && at < limit; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return at;
  return -1;
}
