import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { SignName } from "../../../wire/types";
import { lasting } from "../../fmt";
import type { RecordLine } from "../../room/record/record";
import type { Track } from "../../room/record/track";
import { counted, withUnit } from "../../words";
import type { CaseTime } from "../../room/case/caseTime";
import { limitsAt, type LimitsCourse } from "../limitsCourse";
import type { Span } from "../replay/replay";
import { caseClock } from "../times";
import type { RecordBands } from "./spans";

const SAID: readonly SignName[] = ["heart_rate", "systolic", "spo2", "respiratory_rate", "etco2", "temperature"];
/** The side on which a sign is worse where it has passed no limit. */
const WORSE_BELOW: ReadonlySet<SignName> = new Set<SignName>(["systolic", "spo2", "etco2"]);

/** The chart in one sentence: how long, the worst value of each sign as it was shown, arrests, the first shock. */
export function chartSentence(given: { span: Span; time: CaseTime; track: Track; limits: LimitsCourse; bands: RecordBands; lines: readonly RecordLine[] }): string {
  const texts = t.value.debrief.chart;
  const { span, time } = given;
  const signs = SAID.flatMap((name) => worst(given.track, name, given.limits) ?? []);
  const arrests = given.bands.pulseless.map(({ from }) => caseClock(time, from));
  const shock = given.lines.find(({ marker }) => marker === "defibrillation");
  return fill(texts.summary, {
    lasted: lasting((span.until - span.from) / 1000),
    signs: signs.length === 0 ? "" : `${signs.join(", ")}.`,
    arrests: arrests.length === 0 ? texts.no_arrest : counted(arrests.length, texts.arrests).replace("{times}", arrests.join(", ")),
    shock: shock === undefined ? texts.no_shock : fill(texts.first_shock, { time: caseClock(time, shock.at) }),
  }).replace(/ {2,}/g, " ");
}

function worst({ xs, values }: Track, name: SignName, limits: LimitsCourse): string | null {
  let [least, most, below, above] = [Infinity, -Infinity, 0, 0];
  values[name].forEach((value, place) => {
    if (value === null) return;
    const { low, high } = limitsAt(limits, (xs[place] ?? 0) * 1000)[name];
    [least, most] = [Math.min(least, value), Math.max(most, value)];
    [below, above] = [Math.max(below, (low ?? value) - value), Math.max(above, value - (high ?? value))];
  });
  if (least > most) return null;
  const texts = t.value.debrief.chart;
  const isLow = below === above ? WORSE_BELOW.has(name) : below > above;
  const sign = t.value.dashboard.signs.short[name];
  return isLow ? fill(texts.lowest, { sign, value: withUnit(name, least) }) : fill(texts.highest, { sign, value: withUnit(name, most) });
}
