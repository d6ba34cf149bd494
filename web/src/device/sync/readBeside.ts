import type { Figures } from "../../wire/beside";
import { highestOf } from "../../patient/earlyWarning";
import { wholeList, type Api, type Result } from "../../wire/api";
import type { Debrief } from "../../wire/types";
import type { ReadBeside } from "./merge";

/** Everything is what the server has to reckon from the record, too. */
export type LookedFor = "everything" | "written";

/** As it is now: everything, or only what colleagues write. */
export async function readBeside(api: Api, sessionId: string, what: LookedFor = "everything"): Promise<Result<ReadBeside>> {
  const [annotations, scores, debrief] = await Promise.all([
    wholeList((cursor) => api.annotations(sessionId, cursor)),
    api.scores(sessionId),
    what === "everything" ? api.debrief(sessionId, "copy") : null,
  ]);
  if (!annotations.ok) return annotations;
  if (debrief !== null && !debrief.ok) return debrief;
  const reckoned = debrief === null ? {} : reckonedOf(debrief.value);
  // A server of an earlier version, a hall's for one, knows neither scores nor figures. Any other refusal passes, and says
  // nothing of the sheets: those that are here stay, and whoever wants them all asks again.
  if (!scores.ok && scores.refusal.code !== "not_found") return scores;
  const sheets = scores.ok ? { scores: scores.value } : {};
  return { ok: true, value: { annotations: annotations.value, ...sheets, ...reckoned } };
}

function reckonedOf(debrief: Pick<Debrief, "attendance"> & Partial<Debrief>): Partial<ReadBeside> {
  const { attendance, reflections = [] } = debrief;
  return { attendance, reflections, figures: figuresOf(debrief) };
}

export function figuresOf({ times, resuscitation, news2 = [], limits_since }: Partial<Debrief>): Figures | null {
  if (times === undefined || resuscitation === undefined) return null;
  return { times, resuscitation, highest_news2: highestOf(news2), limits_since };
}
