import { wholeList, type Api } from "../../wire/api";
import type { Refusal } from "../../wire/types";
import type { ServerFacts } from "./serverFacts";

/**
 * Read the list of the open sessions again. Which there are, what they are called and which have ended, comes by the
 * log; but what the patients have now, and how many trainees are there, moves no log, and is told live only of sessions
 * that are watched.
 */
export async function refresh(api: Api, facts: ServerFacts): Promise<Refusal | null> {
  const known = await facts.traineeCounts();
  const open = await wholeList((cursor) => api.sessions("open", cursor));
  if (!open.ok) return open.refusal;
  if (open.value.length > 0)
    await facts.tell(...open.value.map((session) => ({ kind: "session", session, known_count: known.get(session.id) ?? null }) as const));
  return null;
}
