import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { knowingAlong } from "../../../monitor/knownWarning";
import { earlyWarningsOf, type EarlyWarnings } from "../../../patient/earlyWarning";
import type { News2 } from "../../../wire/debrief";
import type { RecordCourse } from "../../room/record/course";

export interface News2Step extends News2 {
  /** Milliseconds of the server's clock. */
  from: number;
  until: number;
}

/** From a whole record; `until`: so far it goes. */
export function warningsOf(course: RecordCourse, until: number): EarlyWarnings {
  return earlyWarningsOf(course.states(course.openedAt, until + 1), until);
}

/** Likewise, as the team could know it; yields between its parts. */
export function knowing(course: RecordCourse, until: number): Generator<void, News2[]> {
  return knowingAlong(course.states(course.openedAt, until + 1), until);
}

/** The same at once. */
export function knownOf(course: RecordCourse, until: number): News2[] {
  const work = knowing(course, until);
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Each total until the next one: a mean pressure moves by itself, too. */
export function news2Steps(scores: readonly News2[], until: number): News2Step[] {
  const totals = scores.filter((one, place) => place === 0 || news2Words(one) !== news2Words(scores[place - 1] as News2) || one.band !== scores[place - 1]?.band);
  return totals.map((one, place) => ({ ...one, from: Date.parse(one.at), until: Date.parse(totals[place + 1]?.at ?? "") || until }));
}

/** "≥" while something of it is missing; nothing at all where nobody could know a single sign. */
export function news2Words({ total, missing, parts }: News2): string {
  if (total === null) return t.value.debrief.chart.arrest;
  if (SIGNS_OF_SCORE.every((part) => parts[part] === null)) return "–";
  return missing.length > 0 ? `≥${total}` : String(total);
}

/** The same for who reads it in a sentence. */
export function leastWords(score: News2): string {
  const words = news2Words(score);
  return words.startsWith("≥") ? fill(t.value.debrief.chart.at_least, { total: words.slice(1) }) : words;
}

/** Why it is no more than "at least": a sentence each for what the team was not shown, and for what was never recorded. */
export function missingWords(missing: News2["missing"]): { unseen: string | null; never: string | null } {
  const { now } = t.value.debrief;
  const signs = missing.flatMap((part) => (isSign(part) ? [signName(part)] : []));
  const known: Record<string, string> = t.value.marks.sheet.missing;
  const never = missing.flatMap((part) => (isSign(part) ? [] : [known[part] ?? part]));
  return {
    unseen: signs.length === 0 ? null : fill(now.unseen, { signs: signs.join(", ") }),
    never: never.length === 0 ? null : fill(now.never, { what: never.join(" · ") }),
  };
}

const SIGNS_OF_SCORE = ["respiratory_rate", "spo2", "systolic", "heart_rate", "temperature"] as const;
type SignOfScore = (typeof SIGNS_OF_SCORE)[number];

function isSign(part: string): part is SignOfScore {
  return (SIGNS_OF_SCORE as readonly string[]).includes(part);
}

function signName(part: SignOfScore): string {
  const { short, pressure } = t.value.dashboard.signs;
  return part === "systolic" ? pressure : short[part];
}
