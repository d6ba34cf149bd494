import type { OwnSheet, Scores } from "../../wire/beside";

/**
 * A sheet as it was made here. `is_part`: what the server has of it had not been read by then. It says only what was
 * given here; whatever else stands in the sheet is not known, which is not the same as empty, and stays as it is.
 */
export interface MadeSheet extends OwnSheet {
  is_part?: true;
}

const EMPTY: OwnSheet = { items: {}, comment: "" };
const NOT_READ: MadeSheet = { ...EMPTY, is_part: true };

/** The sheet of one evaluator among everybody's, empty where there is none; null: the sheets were never read. */
export function sheetRead(scores: Scores | null, evaluator: string | null): OwnSheet | null {
  if (scores === null) return null;
  const sheet = scores.sheets.find(({ by }) => by.id === evaluator);
  return sheet === undefined ? EMPTY : { items: sheet.items, comment: sheet.comment };
}

/** What was made here, on top of what was read. The answer is a part as long as nothing was read, and then whole. */
export function sheetOnTop(made: MadeSheet | null, read: OwnSheet | null): MadeSheet {
  if (made === null) return read ?? NOT_READ;
  if (made.is_part !== true || read === null) return made;
  const items = { ...read.items };
  for (const [key, { score, at, comment }] of Object.entries(made.items)) {
    const before = items[key];
    // As for a score that is given anew: its moment stays, and what was said of it.
    items[key] = { score, at: before?.at ?? at, comment: comment || (before?.comment ?? "") };
  }
  return { items, comment: made.comment || read.comment };
}
