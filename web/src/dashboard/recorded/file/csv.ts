import { unreadable, type Unreadable } from "./fault";
import { clockIn } from "./moments";
import { isWord, numberIn } from "./numbers";
import type { RecordedColumn, Recording } from "./recording";
import { rowsOf, type Separator } from "./rows";

const SEPARATORS: readonly Separator[] = [";", "\t", ",", "|"];
/** So many rows tell how a table is written; before it, monitors write whom it is of. */
const HEAD_ROWS = 60;
const HEAD_CHARACTERS = 131_072;
const UNIT = /^(?:bpm|mmhg|kpa|%|°?[cf]|pm|rpm|cpm|s|ms|sec|min|\/min|1\/min|min-1|br\/min|c\/min|mv|l\/min|hh:mm:ss(?:\.mmm)?|nd|-)$/i;
const UNIT_IN_NAME = /^(.*?)\s*[([]\s*([^)\]]{1,20})\s*[)\]]\s*$/;
const UNIT_BEHIND_NAME = /^(.*\S)\s+(mmhg|kpa|%|bpm|°[cf]|\/min)$/i;

/** What stands before the head (a patient's name, a ward) is passed over and never kept. */
export function csvOf(text: string): Recording | Unreadable {
  const found = separatorOf(text);
  if (found === null) return headFault(text) ?? unreadable("no_table");
  const { separator, rows } = found;
  const width = usualWidth(rows);
  // A number in the patient's head is one row of it; values come in more than one.
  const isOfTable = (row: readonly string[] | undefined) => row !== undefined && row.length === width && hasValues(row);
  const first = rows.findIndex((row, place) => isOfTable(row) && (place === rows.length - 1 || isOfTable(rows[place + 1])));
  if (first === -1) return unreadable("no_table");
  const { columns, head } = headBefore(rows, first, width);
  return { columns, interval: null, rows: () => tableRows(text, separator, head, width) };
}

/** Whether a file is not a table of that separator, but broken whatever the separator is. */
function headFault(text: string): Unreadable | null {
  const rows = rowsOf(text.slice(0, HEAD_CHARACTERS), ";");
  for (let count = 0; count < HEAD_ROWS; count += 1) {
    const row = rows.next();
    if (row.done === true) return row.value;
  }
  return null;
}

function firstRows(text: string, separator: Separator): string[][] {
  const found: string[][] = [];
  for (const row of rowsOf(text.slice(0, HEAD_CHARACTERS), separator))
    if (row.length > 0 && found.push(row) === HEAD_ROWS) break;
  return found;
}

/** The one that gives the most rows of one width; of a decimal comma no column is made. */
function separatorOf(text: string): { separator: Separator; rows: string[][] } | null {
  let [best, most] = [null as { separator: Separator; rows: string[][] } | null, 0];
  for (const separator of SEPARATORS) {
    const rows = firstRows(text, separator);
    const width = usualWidth(rows);
    const regular = rows.filter((row) => row.length === width).length;
    const isTable = rows.some((row) => row.length === width && hasValues(row));
    // One column alone is one, whatever it is not cut at: its rows are a steady time apart.
    if (isTable && (width > 1 ? regular : 0.5) > most) [best, most] = [{ separator, rows }, width > 1 ? regular : 0.5];
  }
  return best;
}

function usualWidth(rows: readonly string[][]): number {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  return [...counts].sort(([one, often], [other, oftener]) => oftener - often || other - one)[0]?.[0] ?? 0;
}

function hasValues(row: readonly string[]): boolean {
  const said = row.filter((cell) => cell !== "");
  const values = said.filter((cell) => numberIn(cell) !== null || clockIn(cell) !== null || /^-+$/.test(cell));
  return values.length > 0 && values.length * 2 >= said.length && said.some((cell) => numberIn(cell) !== null);
}

interface Head {
  columns: RecordedColumn[];
  /** Rows of the file that are no values. */
  head: number;
}

function headBefore(rows: readonly string[][], first: number, width: number): Head {
  const above = (up: number) => rows[first - up] ?? null;
  const direct = above(1);
  const units = direct !== null && isUnits(direct) && above(2) !== null ? direct : null;
  const names = units === null ? direct : above(2);
  const isHead = names !== null && names.length === width && names.some((cell) => isWord(cell));
  const columns = Array.from({ length: width }, (_, place) => column(isHead ? (names[place] ?? "") : "", units?.[place] ?? ""));
  return { columns, head: first };
}

function isUnits(row: readonly string[]): boolean {
  const said = row.filter((cell) => cell !== "");
  return said.length > 0 && said.every((cell) => UNIT.test(cell.replace(/^[([]|[)\]]$/g, "")));
}

function column(head: string, unit: string): RecordedColumn {
  const shown = head.slice(0, 80);
  const [, name, within] = UNIT_IN_NAME.exec(shown) ?? UNIT_BEHIND_NAME.exec(shown) ?? [];
  return { name: name === undefined || name === "" ? shown : name, unit: (within ?? unit).replace(/^[([]|[)\]]$/g, "").slice(0, 20) };
}

function* tableRows(text: string, separator: Separator, head: number, width: number): Generator<string[], Unreadable | null> {
  const rows = rowsOf(text, separator);
  let place = 0;
  for (;;) {
    const row = rows.next();
    if (row.done === true) return row.value;
    if (row.value.length > 0) place += 1;
    if (place <= head) continue;
    // A line that breaks off, or of a remark: what it lacks was not measured.
    yield row.value.length > width ? row.value.slice(0, width) : row.value;
  }
}
