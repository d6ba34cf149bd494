/** Why a file cannot be read as a recording; each has its sentence. */
export type FileFault =
  | "too_large"
  | "empty"
  | "no_text"
  | "long_line"
  | "many_columns"
  | "open_quote"
  | "no_table"
  | "header_without_values"
  | "values_without_header"
  | "other_format"
  | "broken_header"
  | "two_files";

export interface Unreadable {
  fault: FileFault;
  /** Where it was seen, in lines of the file; null: it is about the whole. */
  line: number | null;
}

export function unreadable(fault: FileFault, line: number | null = null): Unreadable {
  return { fault, line };
}

export function isUnreadable(one: object | string): one is Unreadable {
  return typeof one === "object" && "fault" in one;
}
