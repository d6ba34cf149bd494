import { contentOfMade, madeOf, wholeSection, type Made, type Section } from "../../../src/dashboard/recorded/course/made";
import { readCourse, type ReadCourse } from "../../../src/dashboard/recorded/course/series";
import { isUnreadable } from "../../../src/dashboard/recorded/file/fault";
import { recordingIn } from "../../../src/dashboard/recorded/file/open";
import { guess } from "../../../src/dashboard/recorded/mapping/guess";
import type { Mapping } from "../../../src/dashboard/recorded/mapping/mapping";
import { lookAt } from "../../../src/dashboard/recorded/mapping/seen";
import { atOnce } from "../../../src/dashboard/recorded/slices";
import type { TemplateContent } from "../../../src/device/sync/edit";

export const SAID = { title: "Recorded", description: "", language: "en" };

/** A table made into a case as the page does it, by the mapping that is guessed. */
export function madeFrom(lines: readonly string[], cut: Section | null = null): { read: ReadCourse; made: Made; mapping: Mapping } {
  const recording = atOnce(recordingIn([{ name: "trend.csv", bytes: new TextEncoder().encode(lines.join("\n")) }]));
  if (isUnreadable(recording)) throw new Error(recording.fault);
  const seen = atOnce(lookAt(recording));
  if (isUnreadable(seen)) throw new Error(seen.fault);
  const mapping = guess(recording, seen);
  const read = atOnce(readCourse(recording, mapping));
  if (isUnreadable(read)) throw new Error(read.fault);
  const made = atOnce(madeOf(read, cut ?? wholeSection(read), mapping.isCuff));
  if (made === null) throw new Error("nothing was measured");
  return { read, made, mapping };
}

export function contentFrom(lines: readonly string[]): TemplateContent {
  return contentOfMade(madeFrom(lines).made, SAID);
}
