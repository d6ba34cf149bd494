import { CODE } from "../generated/catalogue";

/** The characters by which a session is joined. */

export const CODE_LENGTH = CODE.length;
/** People paste the whole join link, too. */
const LINK = /\/j\/+([^/?#\s]+)/i;

/** What was typed, without regard to case, spaces, dashes and whatever a keyboard adds; at most as many characters as a code has. */
export function normalCode(typed: string): string {
  const part = LINK.exec(typed)?.[1] ?? typed;
  return part
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .slice(0, CODE_LENGTH);
}

/** `ABC 234`: easier to read, and to say. */
export function groupedCode(code: string): string {
  return code.length > 3 ? `${code.slice(0, 3)} ${code.slice(3)}` : code;
}

/** Characters that no code has; a hint that something was misread. */
export function strangers(code: string): string[] {
  return [...new Set([...code].filter((character) => !CODE.alphabet.includes(character)))];
}

/** Where the caret belongs in the grouped text, when it stood behind so many characters of the code. */
export function caretAfter(characters: number): number {
  return characters > 3 ? characters + 1 : characters;
}
