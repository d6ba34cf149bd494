import { wholeList, type Api, type Result } from "../../wire/api";
import type { Hall, Trainer } from "../../wire/types";

/** The hall servers of the school, and whom one may let in. */
export interface SchoolHalls {
  halls: Hall[];
  trainers: Trainer[];
}

/** For admins, and only with a network: what is true now is of use here, and nothing else. */
export async function readSchoolHalls(api: Api): Promise<Result<SchoolHalls>> {
  const [halls, trainers] = await Promise.all([api.halls(), wholeList((cursor) => api.trainers(cursor))]);
  if (!halls.ok) return halls;
  if (!trainers.ok) return trainers;
  return { ok: true, value: { halls: halls.value.items, trainers: trainers.value } };
}
