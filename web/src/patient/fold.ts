import type { LastValues, Ramp, SignName, VitalsPatch } from "../wire/types";
import { valueAt } from "./ramps";
import { SIGN_NAMES } from "./signs";

/**
 * The state after a push at `now` (milliseconds of the server's clock), as the server will fold it.
 * The trainer's own screen shows it at once; the server's answer then replaces it.
 */
export function fold(last: LastValues, patch: VitalsPatch, now: number): LastValues {
  const signs = patch.vitals ?? {};
  const flags = { ...last.flags };
  for (const [key, value] of Object.entries(patch.flags ?? {})) {
    if (value === null) delete flags[key];
    else flags[key] = value;
  }
  const ramps: Partial<Record<SignName, Ramp>> = {};
  for (const name of SIGN_NAMES) {
    const running = last.ramps[name];
    const target = signs[name];
    if (target === undefined) {
      if (running && now - Date.parse(running.started_at) < running.seconds * 1000) ramps[name] = running;
    } else if ((patch.ramp_seconds ?? 0) > 0) {
      const from = valueAt(last, name, now);
      if (from !== target)
        ramps[name] = { from, started_at: new Date(now).toISOString(), seconds: patch.ramp_seconds ?? 0 };
    }
  }
  return { ...last, ...signs, rhythm: patch.rhythm ?? last.rhythm, flags, ramps };
}
