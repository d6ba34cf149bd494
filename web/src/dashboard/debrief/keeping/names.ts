import type { SeatAttendance } from "../../../wire/types";

/** A part of a text: a name, or what stands between names. */
export interface TextPart {
  text: string;
  isName: boolean;
}

const LONGEST_ANY_CASE = 2;
const SHORTEST_PART = 3;

/**
 * How names are found in a text, to be marked before they go: as the server finds them (`server/domain/names_out.py`).
 * Whole names in any case, and their parts that begin with a capital.
 */
export function nameFinder(attendance: readonly SeatAttendance[], traineeName: string | null): RegExp | null {
  const names = [...attendance.map(({ name }) => name), ...(traineeName === null ? [] : [traineeName])];
  const parts = attendance.flatMap(({ name }) => name.split(/\s+/)).filter(isPart);
  const found = [...names.filter((name) => name.length >= LONGEST_ANY_CASE).map(inAnyCase), ...parts.map(escaped)];
  if (found.length === 0) return null;
  found.sort((one, other) => other.length - one.length);
  // What stands before a name is found with it: Safari before 16.4 cannot look behind.
  return new RegExp(`(^|[^\\p{L}\\p{N}_])(${[...new Set(found)].join("|")})(?![\\p{L}\\p{N}_])`, "gu");
}

export function partsOf(text: string, finder: RegExp | null): TextPart[] {
  if (finder === null) return [{ text, isName: false }];
  const parts: TextPart[] = [];
  let at = 0;
  for (const match of text.matchAll(finder)) {
    const [all, before = "", name = ""] = match;
    const from = match.index + before.length;
    if (from > at) parts.push({ text: text.slice(at, from), isName: false });
    parts.push({ text: name, isName: true });
    at = match.index + all.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), isName: false });
  return parts;
}

function isPart(word: string): boolean {
  return word.length >= SHORTEST_PART && /^\p{Lu}/u.test(word);
}

/** The flag for it would count for the parts as well. */
function inAnyCase(name: string): string {
  const words = name.split(/\s+/).map((word) => (name.length > LONGEST_ANY_CASE ? [...word].map(eitherCase).join("") : escaped(word)));
  return words.join("\\s+");
}

function eitherCase(letter: string): string {
  const [lower, upper] = [letter.toLowerCase(), letter.toUpperCase()];
  return lower === upper || lower.length !== 1 || upper.length !== 1 ? escaped(letter) : `[${lower}${upper}]`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
