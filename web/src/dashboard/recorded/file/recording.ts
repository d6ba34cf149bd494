import type { Cell } from "./numbers";
import type { Unreadable } from "./fault";

/** A table of a file: rows that follow each other in time, and what their columns are called there. */
export interface Recording {
  columns: readonly RecordedColumn[];
  /** Seconds from one row to the next, where the file itself tells; null: a column has to. */
  interval: number | null;
  /** A row without cells says that the file is still being read. It ends with what is wrong in the file, if something is. */
  rows(): Generator<readonly Cell[], Unreadable | null>;
}

export interface RecordedColumn {
  /** Empty where the file has no head. */
  name: string;
  unit: string;
}

/** Of the files together. */
export const FILE_BYTES_LIMIT = 5 * 1024 * 1024;
export const COLUMNS_LIMIT = 500;
