import { fill } from "../../../i18n";
import { trainerTexts as t } from "../../../i18n/trainers";
import type { CaseCondition, Transition, Trigger } from "../../../patient/moves";
import type { TemplateStep } from "../../../wire/types";
import { isOne, lasting, wholeNumber } from "../../fmt";
import { isPickedFlag, scoreConditionText } from "../../scoreFlags";
import { actionWords, flagName, markerName, number, rhythmName, pickedWords, stepTitle } from "../../words";

const SIGNS_OF = { lt: "<", le: "≤", gt: ">", ge: "≥" } as const;
const NO_BREAK = "\u00a0";

/** Where it leads: in the author's own words, if there are any. */
export function wayTitle({ to, label }: Transition, steps: readonly TemplateStep[]): string {
  return label ?? (to === null ? t.value.dashboard.ways.end : stepTitle(to, steps));
}

/** On what a case goes on: "after 3 min in this step", "SpO2 < 75 for 1 min". */
export function triggerWords(on: Trigger): string {
  const texts = t.value.dashboard.ways;
  if ("after" in on) return fill(texts.after, { time: lasting(on.after) });
  if ("marker" in on) return often(markerName(on.marker), on.count ?? 1);
  if ("action" in on) return often(actionWords(on.action, {}), on.count ?? 1);
  if ("manual" in on) return texts.by_hand;
  const what = on.when.map(conditionWords).join(` ${texts.and} `);
  return (on.hold ?? 0) === 0 ? what : fill(texts.held, { what, time: lasting(on.hold ?? 0) });
}

function conditionWords(condition: CaseCondition): string {
  const texts = t.value.dashboard.ways;
  if ("rhythm" in condition) return rhythmName(condition.rhythm);
  if ("flag" in condition) {
    if (isPickedFlag(condition.flag))
      return pickedWords(condition.flag, scoreConditionText(condition.flag, condition.is));
    const name = flagName(condition.flag);
    if (typeof condition.is === "string") return `${name}${NO_BREAK}(${condition.is})`;
    return fill(condition.is ? texts.flag_on : texts.flag_off, { flag: name });
  }
  const { sign, op, value } = condition;
  const name = sign === "mean" ? texts.mean : t.value.dashboard.signs.short[sign];
  const shown = sign === "mean" ? wholeNumber(value) : number(sign, value);
  return [name, SIGNS_OF[op], shown].join(NO_BREAK);
}

function often(what: string, count: number): string {
  return isOne(count) ? what : fill(t.value.dashboard.ways.often, { what, count: wholeNumber(count) });
}
