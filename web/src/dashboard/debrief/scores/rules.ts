import type { ItemScore, OwnSheet, SheetScore, ScoreSheet, Scores } from "../../../wire/beside";
import type { ChecklistItem } from "../../room/case/itemMarkers";

export const SCORES: readonly SheetScore[] = [0, 1, 2, "na"];
const FULL = 2;

/**
 * As the server reckons it: what is not scored counts 0, what is not applicable not at all. Null: nothing counts. Shown
 * for a sheet that is still on its way; whether it passes, the server alone says.
 */
export function percentScored(items: readonly Pick<ChecklistItem, "key">[], sheet: OwnSheet): number | null {
  const counted = items.map(({ key }) => sheet.items[key]?.score ?? 0).filter((score) => score !== "na");
  if (counted.length === 0) return null;
  const total = counted.reduce<number>((sum, score) => sum + score, 0);
  return Math.round((1000 * total) / (FULL * counted.length)) / 10;
}

/** How many of the items have a score of any kind. */
export function scoredCount(items: readonly Pick<ChecklistItem, "key">[], sheet: OwnSheet): number {
  return items.filter(({ key }) => sheet.items[key] !== undefined).length;
}

/** The score that a key types: 0, 1, 2, and N for what is not applicable. Null: it types none. */
export function scoreOfKey(key: string): SheetScore | null {
  if (key === "0" || key === "1" || key === "2") return Number(key) as SheetScore;
  return key.toLowerCase() === "n" ? "na" : null;
}

/** With another score; its comment stays. Null takes the score away, and what was said of it. */
export function withScore(sheet: OwnSheet, key: string, score: SheetScore | null, at: string | null): OwnSheet {
  if (score === null) {
    const { [key]: _, ...items } = sheet.items;
    return { ...sheet, items };
  }
  const before = sheet.items[key];
  return { ...sheet, items: { ...sheet.items, [key]: { score, at: before?.at ?? at, comment: before?.comment ?? "" } } };
}

/** Only of what has a score: the server keeps no other. */
export function withComment(sheet: OwnSheet, key: string, comment: string): OwnSheet {
  const before = sheet.items[key];
  return before === undefined ? sheet : { ...sheet, items: { ...sheet.items, [key]: { ...before, comment } } };
}

export interface ComparedRow {
  item: ChecklistItem;
  /** In the order of the sheets; null: not scored by this evaluator. */
  cells: (ItemScore | null)[];
  differs: boolean;
}

/** One's own sheet first, then as they were begun. */
export function inOrder(sheets: readonly ScoreSheet[], me: string | null): ScoreSheet[] {
  return [...sheets.filter(({ by }) => by.id === me), ...sheets.filter(({ by }) => by.id !== me)];
}

export function comparedRows(items: readonly ChecklistItem[], sheets: readonly ScoreSheet[], differences: Scores["differences"]): ComparedRow[] {
  const apart = new Set(differences.map(({ key }) => key));
  return items.map((item) => ({
    item,
    cells: sheets.map((sheet) => sheet.items[item.key] ?? null),
    differs: sheets.length > 1 && apart.has(item.key),
  }));
}
