import type { Reflection } from "../../wire/beside";
import { wholeList, type Api, type Result } from "../../wire/api";
import type { Debrief } from "../../wire/types";
import type { ReadBeside } from "./merge";

/** What is kept beside the record of a session, as it is now. */
export async function readBeside(api: Api, sessionId: string): Promise<Result<ReadBeside>> {
  const [debrief, annotations, scores] = await Promise.all([
    api.debrief(sessionId),
    wholeList((cursor) => api.annotations(sessionId, cursor)),
    api.scores(sessionId),
  ]);
  if (!debrief.ok) return debrief;
  if (!annotations.ok) return annotations;
  const { attendance, reflections } = debrief.value as Debrief & { reflections?: Reflection[] };
  // A server of an earlier version, a hall's for one, knows no scores.
  return {
    ok: true,
    value: {
      attendance,
      annotations: annotations.value,
      scores: scores.ok ? scores.value : null,
      reflections: reflections ?? null,
    },
  };
}
