import type { Written } from "../../device/sync/edit";
import { fill } from "../../i18n";
import { trainerTexts as t } from "../../i18n/trainers";
import { dayTime } from "../fmt";

export interface TheirSide {
  /** Null: nothing was told of who wrote what stands there. */
  written: Written | null;
  /** When it was written as far as it says itself. */
  updatedAt: string | undefined;
  isDeleted: boolean;
  /** Whoever is logged in here. */
  me: string | undefined;
  now: number;
}

/** Who wrote the other side, or deleted it, and when: as far as it is known. */
export function theirWords({ written, updatedAt, isDeleted, me, now }: TheirSide): string {
  const texts = t.value.cases.conflicts;
  const at = written?.at ?? updatedAt;
  if (at === undefined) return isDeleted ? texts.deleted_by : texts.theirs_of_session;
  const values = { when: dayTime(Date.parse(at), now), who: written?.by?.name ?? "" };
  if (written?.by == null) return fill(isDeleted ? texts.deleted_by_nobody : texts.theirs_by, values);
  if (written.by.role === "system") return fill(isDeleted ? texts.deleted_by_server : texts.theirs_by_server, values);
  if (written.by.id === me) return fill(isDeleted ? texts.deleted_by_me : texts.theirs_by_me, values);
  return fill(isDeleted ? texts.deleted_by_name : texts.theirs_by_name, values);
}
