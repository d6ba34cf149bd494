import { trainerTexts as t } from "../../../i18n/trainers";
import { lasting, wholeTime } from "../../fmt";

/** What stands at the head of a sheet: nothing of it is empty. */
export function factLines(given: {
  from: number;
  until: number;
  isOver: boolean;
  code: string | null;
  traineeName: string | null;
  team: readonly string[];
}): [string, string][] {
  const texts = t.value.marks.sheet;
  const all: [string, string | null][] = [
    [texts.began, wholeTime(given.from)],
    [given.isOver ? texts.ended : texts.so_far, wholeTime(given.until)],
    [texts.lasted, lasting((given.until - given.from) / 1000)],
    [texts.code, given.code],
    [texts.trainee, given.traineeName],
    [texts.team, [...new Set(given.team)].join(", ")],
  ];
  return all.flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : []));
}
