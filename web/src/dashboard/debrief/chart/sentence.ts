import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import { hasPulse } from "../../../patient/circulation";
import { valueAt } from "../../../patient/ramps";
import type { LastValues, SignName } from "../../../wire/types";
import { lasting } from "../../fmt";
import type { RecordCourse } from "../../room/record/course";
import type { RecordLine } from "../../room/record/record";
import { counted, withUnit } from "../../words";
import type { CaseTime } from "../../room/case/caseTime";
import { limitsAt, type LimitsCourse } from "../limitsCourse";
import type { Span } from "../replay/replay";
import { caseClock } from "../times";
import type { RecordBands } from "./spans";

const SAID: readonly SignName[] = ["heart_rate", "systolic", "spo2", "respiratory_rate", "etco2", "temperature"];
/** The side on which a sign is worse where it has passed no limit. */
const WORSE_BELOW: ReadonlySet<SignName> = new Set<SignName>(["systolic", "spo2", "etco2"]);

/** The patient as they were, whatever a monitor or a cuff showed of it. */
interface Then {
  at: number;
  last: LastValues;
}

/** The chart in one sentence: how long, the worst value of each sign while there was a pulse, arrests, the first shock. */
export function chartSentence(given: { span: Span; time: CaseTime; course: RecordCourse; limits: LimitsCourse; bands: RecordBands; lines: readonly RecordLine[] }): string {
  const texts = t.value.debrief.chart;
  const { span, time } = given;
  const thens = thensOf(given.course, span);
  const signs = SAID.flatMap((name) => worst(thens, name, given.limits) ?? []);
  const arrests = given.bands.pulseless.map(({ from }) => caseClock(time, from));
  const shock = given.lines.find(({ marker }) => marker === "defibrillation");
  return fill(texts.summary, {
    lasted: lasting((span.until - span.from) / 1000),
    signs: signs.length === 0 ? "" : `${signs.join(", ")}.`,
    arrests: arrests.length === 0 ? texts.no_arrest : counted(arrests.length, texts.arrests).replace("{times}", arrests.join(", ")),
    shock: shock === undefined ? texts.no_shock : fill(texts.first_shock, { time: caseClock(time, shock.at) }),
  }).replace(/ {2,}/g, " ");
}

/** A ramp goes one way: what is worst stands at one of its ends. Without a pulse there is an arrest to tell, and no value. */
function thensOf(course: RecordCourse, span: Span): Then[] {
  const states = [...course.states(span.from, span.until)];
  return states.flatMap(({ at, last }, place) => {
    const from = Math.max(span.from, at);
    const until = Math.max(from, (states[place + 1]?.at ?? span.until + 1) - 1);
    return [from, until].filter((each) => hasPulse(last, each + 1)).map((each) => ({ at: each, last }));
  });
}

function worst(thens: readonly Then[], name: SignName, limits: LimitsCourse): string | null {
  let [least, most, below, above] = [Infinity, -Infinity, 0, 0];
  for (const { at, last } of thens) {
    const value = valueAt(last, name, at);
    const { low, high } = limitsAt(limits, at)[name];
    [least, most] = [Math.min(least, value), Math.max(most, value)];
    [below, above] = [Math.max(below, (low ?? value) - value), Math.max(above, value - (high ?? value))];
  }
  if (least > most) return null;
  const texts = t.value.debrief.chart;
  const isLow = below === above ? WORSE_BELOW.has(name) : below > above;
  const sign = t.value.dashboard.signs.short[name];
  return isLow ? fill(texts.lowest, { sign, value: withUnit(name, least) }) : fill(texts.highest, { sign, value: withUnit(name, most) });
}
