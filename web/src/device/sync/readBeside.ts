import type { Arrest, Figures, KeyTime, Reflection, Scores } from "../../wire/beside";
import { wholeList, type Api, type Result } from "../../wire/api";
import type { Debrief } from "../../wire/types";
import type { ReadBeside } from "./merge";

/** Everything is what the server has to reckon from the record, too. */
export type LookedFor = "everything" | "written";

/** As it is now: everything, which the server has to reckon from the record, or only what colleagues write. */
export async function readBeside(api: Api, sessionId: string, what: LookedFor = "everything"): Promise<Result<ReadBeside>> {
  const [annotations, rest] = await Promise.all([
    wholeList((cursor) => api.annotations(sessionId, cursor)),
    what === "everything" ? readDebrief(api, sessionId) : readScores(api, sessionId),
  ]);
  if (!annotations.ok) return annotations;
  if (!rest.ok) return rest;
  return { ok: true, value: { annotations: annotations.value, ...rest.value } };
}

type Rest = Omit<ReadBeside, "annotations">;

async function readDebrief(api: Api, sessionId: string): Promise<Result<Rest>> {
  const answer = await api.debrief(sessionId);
  return answer.ok ? { ok: true, value: reckonedOf(answer.value) } : answer;
}

async function readScores(api: Api, sessionId: string): Promise<Result<Rest>> {
  const answer = await api.scores(sessionId);
  return answer.ok ? { ok: true, value: { scores: answer.value } } : answer;
}

/** In the parts that are kept; an earlier server's has nothing but the attendance. */
type Reckoned = Debrief & {
  times?: KeyTime[];
  resuscitation?: Arrest[];
  news2?: { at: string; total: number | null; missing: string[] }[];
  scores?: Scores;
  reflections?: Reflection[];
};

function reckonedOf(debrief: Reckoned): Rest {
  const { attendance, scores = null, reflections = null } = debrief;
  return { attendance, scores, reflections, figures: figuresOf(debrief) };
}

/** Of the early warning scores the highest, as it was first reached. */
export function figuresOf({ times, resuscitation, news2 = [] }: Pick<Reckoned, "times" | "resuscitation" | "news2">): Figures | null {
  if (times === undefined || resuscitation === undefined) return null;
  let highest_news2: Figures["highest_news2"] = null;
  for (const { at, total, missing } of news2)
    if (total !== null && total > (highest_news2?.total ?? -1)) highest_news2 = { at, total, missing };
  return { times, resuscitation, highest_news2 };
}
