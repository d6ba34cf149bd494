import { wholeList, type Api, type Result } from "../../wire/api";
import type { OpenConflict, SyncDevice } from "../../wire/sync";
import type { Hall, Template, Trainer } from "../../wire/types";
import { differing, type TemplateField, type Written } from "./edit";

/** The hall servers of the school, whom one may let in, and what halls and the school want differently. */
export interface SchoolHalls {
  halls: Hall[];
  trainers: Trainer[];
  conflicts: HallConflict[];
}

/** A case that was changed here and in a hall. The hall has taken this side; its own waits for an admin. */
export interface HallConflict {
  id: string;
  /** What the hall is called; null: it is not known any more. */
  hall: string | null;
  /** As it is here; null: deleted. */
  theirs: Template | null;
  /** As the hall wanted it, on top of that; null: deleted there. */
  mine: Template | null;
  /** What the hall changed and is otherwise here. */
  fields: readonly TemplateField[];
  /** Of `theirs`. */
  version: number;
  /** Who wrote `theirs`, as far as that is known. */
  written: Written | null;
  created_at: string;
}

/** For admins, and only with a network: what is true now is of use here, and nothing else. */
export async function readSchoolHalls(api: Api): Promise<Result<SchoolHalls>> {
  const [halls, trainers, conflicts, devices] = await Promise.all([
    api.halls(),
    wholeList((cursor) => api.trainers(cursor)),
    wholeList((cursor) => api.openConflicts(cursor)),
    api.devices(),
  ]);
  if (!halls.ok) return halls;
  if (!trainers.ok) return trainers;
  if (!conflicts.ok) return conflicts;
  if (!devices.ok) return devices;
  const value = {
    halls: halls.value.items,
    trainers: trainers.value,
    conflicts: conflictsOfHalls(conflicts.value, devices.value.items, halls.value.items),
  };
  return { ok: true, value };
}

/** Of cases alone: of sessions and accounts a hall has none. */
export function conflictsOfHalls(
  conflicts: readonly OpenConflict[],
  devices: readonly SyncDevice[],
  halls: readonly Hall[],
): HallConflict[] {
  const hallOf = new Map(devices.flatMap(({ clientId, hallId }) => (hallId === null ? [] : [[clientId, hallId] as const])));
  return conflicts
    .filter((one) => one.entityType === "TEMPLATE" && hallOf.has(one.clientId))
    .map((one) => conflictOf(one, halls.find(({ id }) => id === hallOf.get(one.clientId))?.name ?? null));
}

function conflictOf(conflict: OpenConflict, hall: string | null): HallConflict {
  const { serverData, localPayload, localFields } = conflict;
  const theirs = serverData === null || serverData.deleted ? null : (serverData.payload as Template);
  const wanted = localPayload as Partial<Template> | null;
  const touched = localFields ?? Object.keys(wanted ?? {});
  const changes = Object.fromEntries(Object.entries(wanted ?? {}).filter(([field]) => touched.includes(field)));
  const mine = wanted === null ? null : ({ ...(theirs ?? wanted), ...changes } as Template);
  return {
    id: conflict.id,
    hall,
    theirs,
    mine,
    fields: theirs === null || mine === null ? [] : differing(theirs, mine),
    version: serverData?.version ?? 0,
    written:
      serverData?.modifiedAt === undefined
        ? null
        : { version: serverData.version, at: serverData.modifiedAt, by: serverData.modifiedBy ?? null },
    created_at: conflict.createdAt,
  };
}
