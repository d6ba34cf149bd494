import type { FreeText } from "../../../wire/types";
import type { TextPart } from "./names";
import { partsOf } from "./names";

/** A free text with the names that were found in it. */
export interface MarkedText extends FreeText {
  parts: TextPart[];
}

/** Those in which a name was found first, each group in the order of time; what has no moment comes last. */
export function markedTexts(texts: readonly FreeText[], finder: RegExp | null): MarkedText[] {
  const marked = texts.map((one) => ({ ...one, parts: partsOf(one.text, finder) }));
  return marked.sort((one, other) => Number(hasName(other)) - Number(hasName(one)) || momentOf(one) - momentOf(other));
}

function momentOf({ at }: FreeText): number {
  return at === null ? Number.MAX_SAFE_INTEGER : Date.parse(at);
}

function hasName({ parts }: MarkedText): boolean {
  return parts.some(({ isName }) => isName);
}
