import { wholeList, type Api, type Result } from "../../wire/api";
import type { SchoolDevices } from "../../wire/sync";

/** For admins, and only with a network: what is true now is of use here, and nothing else. */
export async function readSchoolDevices(api: Api): Promise<Result<SchoolDevices>> {
  const [devices, calls, conflicts, trainers, halls] = await Promise.all([
    api.devices(),
    api.deviceCalls(),
    api.openConflicts(),
    wholeList((cursor) => api.trainers(cursor)),
    api.halls(),
  ]);
  if (!devices.ok) return devices;
  if (!calls.ok) return calls;
  if (!conflicts.ok) return conflicts;
  if (!trainers.ok) return trainers;
  if (!halls.ok) return halls;
  const names = Object.fromEntries([...trainers.value, ...halls.value.items].map(({ id, name }) => [id, name]));
  const value = { devices: devices.value.items, calls: calls.value.items, conflicts: conflicts.value.items, names };
  return { ok: true, value };
}
