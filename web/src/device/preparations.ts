import type { Preparation, StoredPreparation } from "./database/preparation";
import type { TrainerDatabase } from "./database/schema";

/** Sessions in which something may be in hand at once; beyond them the oldest is let go. */
export const MOST_PREPARATIONS = 30;

/** In place of what was kept of this session before. It touches no other table: a push must not wait for it. */
export async function keepPreparation({ preparations }: TrainerDatabase, prepared: StoredPreparation): Promise<void> {
  if (isNothing(prepared)) return preparations.delete(prepared.session_id);
  await preparations.db.transaction("rw", preparations, async () => {
    await preparations.put(prepared);
    if ((await preparations.count()) <= MOST_PREPARATIONS) return;
    const all = (await preparations.toArray()).sort((a, b) => b.kept_at - a.kept_at);
    await preparations.bulkDelete(all.slice(MOST_PREPARATIONS).map((one) => one.session_id));
  });
}

function isNothing({ staged, ramp_seconds, is_at_once, undo }: Preparation): boolean {
  const count = Object.keys(staged.signs).length + Object.keys(staged.flags).length;
  return count === 0 && staged.rhythm === null && ramp_seconds === 0 && !is_at_once && undo.length === 0;
}
